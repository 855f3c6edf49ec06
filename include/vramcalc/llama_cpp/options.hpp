#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "vramcalc/bytes.hpp"
#include "vramcalc/element_type.hpp"
#include "vramcalc/llama_cpp/placement.hpp"
#include "vramcalc/llama_cpp/release_rules.hpp"

// The options of llama.cpp's programs. Names and defaults are those of llama-server (llama.cpp 0.5.0,
// common/arg.cpp). An empty optional means that the flag was not given, which differs from every value.
namespace vramcalc::llama_cpp {

enum class FlashAttention { automatic, on, off };

// How tokens are drafted for the model to verify (--spec-type; common/speculative.cpp).
enum class Drafting : std::uint8_t {
  draft_simple,  // by a smaller model (-md)
  draft_eagle3,
  draft_mtp,  // by the model's own prediction layers
  draft_dflash,
  draft_dspark,
  ngram_simple,  // the others look n-grams up in the tokens so far
  ngram_map_k,
  ngram_map_k4v,
  ngram_mod,
  ngram_cache,
};
inline constexpr std::size_t drafting_count = 10;

// A program that runs llama.cpp; src/runtime/llama_cpp/tool.hpp has what each does.
enum class Tool : std::uint8_t {
  llama_server,
  llama_cli,
  llama_bench,
  llama_fit_params,
  bindings,
  ollama,
  lm_studio
};

// Like llama_context_params: what caches and graph depend on, except the number of tokens (-c, see Demand).
struct ContextParams {
  std::optional<std::uint32_t> parallel;        // -np; empty for four slots with one unified cache
  std::optional<bool> kv_unified;               // -kvu, -no-kvu; only with an explicit -np
  ElementType cache_type_k = ElementType::f16;  // -ctk
  ElementType cache_type_v = ElementType::f16;  // -ctv
  std::uint32_t batch = 2048;                   // -b, tokens
  std::uint32_t ubatch = 512;                   // -ub, tokens
  FlashAttention flash_attention = FlashAttention::automatic;  // -fa
  bool swa_full = false;                                       // --swa-full
  std::uint32_t draft_tokens = 0;                              // tokens drafted at once; 0 if none are
  bool kv_offload = true;                                      // false: --no-kv-offload
  bool load_mtp = false;              // the model's prediction layers are loaded, for --spec-type draft-mtp
  std::uint32_t rollback_states = 0;  // n_rs_seq: earlier recurrent states kept for each sequence
  bool predicts = false;              // the prediction layers' own context instead of the trunk's
  bool samples_on_device = true;      // false: --no-spec-draft-backend-sampling, in that context
  std::vector<std::uint32_t> extracted_layers;  // whose inputs are copied for a draft head
  ReleaseRules rules;                           // of the release and the tool
  friend bool operator==(const ContextParams&, const ContextParams&) = default;
};

enum class SplitMode { layer, none, row, tensor };

// Like llama_model_params: where the parts of the model go.
struct ModelParams {
  std::optional<std::uint32_t> gpu_layers;  // -ngl
  std::vector<double> tensor_split;         // -ts
  std::optional<std::uint32_t> main_gpu;    // -mg
  SplitMode split_mode = SplitMode::layer;  // -sm
  bool cpu_moe = false;                     // -cmoe
  std::uint32_t cpu_moe_layers = 0;         // -ncmoe
  std::vector<TensorOverride> overrides;    // -ot
  bool offload_operations = true;           // --op-offload
  friend bool operator==(const ModelParams&, const ModelParams&) = default;
};

// --spec-type and what each type's length depends on. An empty optional means that the flag was not given.
struct DraftingParams {
  std::vector<Drafting> types;                        // --spec-type; empty if not given
  std::optional<std::uint32_t> draft_tokens;          // --spec-draft-n-max
  std::optional<std::uint32_t> ngram_mod_tokens;      // --spec-ngram-mod-n-max
  std::optional<std::uint32_t> ngram_simple_tokens;   // --spec-ngram-simple-size-m
  std::optional<std::uint32_t> ngram_map_k_tokens;    // --spec-ngram-map-k-size-m
  std::optional<std::uint32_t> ngram_map_k4v_tokens;  // --spec-ngram-map-k4v-size-m
  DraftingRules rules;                                // of the release
  friend bool operator==(const DraftingParams&, const DraftingParams&) = default;
};

// What only Ollama has (0.40, envconfig/config.go and api/types.go).
struct OllamaParams {
  std::optional<std::uint64_t> num_ctx;  // OLLAMA_CONTEXT_LENGTH, PARAMETER num_ctx: tokens of each slot
  bool sets_batch = false;               // num_batch is given and not chosen by Ollama
  Bytes gpu_overhead;                    // OLLAMA_GPU_OVERHEAD, left free on each GPU
  bool spread = false;                   // OLLAMA_SCHED_SPREAD: over all GPUs, even if one is enough
  friend bool operator==(const OllamaParams&, const OllamaParams&) = default;
};

struct Options {
  Tool tool = Tool::llama_server;
  std::string tool_release;  // of the tool, as --runtime names it; empty for the newest
  ContextParams context;
  ModelParams model;
  DraftingParams drafting;
  ElementType draft_cache_type_k = ElementType::f16;  // -ctkd
  ElementType draft_cache_type_v = ElementType::f16;  // -ctvd
  bool fit = true;                                    // -fit: what was not set is lowered until it fits
  Bytes fit_target{1024 * MiB};                       // -fitt, what the automatic fit leaves free on each GPU
  OllamaParams ollama;
  friend bool operator==(const Options&, const Options&) = default;
};

}  // namespace vramcalc::llama_cpp
