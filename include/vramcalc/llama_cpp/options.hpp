#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "vramcalc/bytes.hpp"
#include "vramcalc/element_type.hpp"
#include "vramcalc/llama_cpp/placement.hpp"
#include "vramcalc/llama_cpp/release_rules.hpp"

// The options of llama.cpp's programs. Names and defaults are those of llama-server (llama.cpp 0.5.0,
// common/arg.cpp). An empty optional means that the flag was not given, which differs from every value.
namespace vramcalc::llama_cpp {

enum class FlashAttention { automatic, on, off };

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
  std::uint32_t draft_tokens = 0;  // --draft-max, tokens drafted at once; 0 without a draft model
  bool kv_offload = true;          // false: --no-kv-offload
  ReleaseRules rules;              // of the release and the tool
  friend bool operator==(const ContextParams&, const ContextParams&) = default;
};

// Like llama_model_params: where the parts of the model go.
struct ModelParams {
  std::optional<std::uint32_t> gpu_layers;  // -ngl
  std::vector<double> tensor_split;         // -ts
  std::optional<std::uint32_t> main_gpu;    // -mg
  bool one_gpu = false;                     // -sm none
  bool cpu_moe = false;                     // -cmoe
  std::uint32_t cpu_moe_layers = 0;         // -ncmoe
  std::vector<TensorOverride> overrides;    // -ot
  bool offload_operations = true;           // --op-offload
  friend bool operator==(const ModelParams&, const ModelParams&) = default;
};

struct Options {
  ContextParams context;
  ModelParams model;
  ElementType draft_cache_type_k = ElementType::f16;  // -ctkd
  ElementType draft_cache_type_v = ElementType::f16;  // -ctvd
  Bytes fit_target{1024 * MiB};                       // -fitt, what the automatic fit leaves free on each GPU
  friend bool operator==(const Options&, const Options&) = default;
};

}  // namespace vramcalc::llama_cpp
