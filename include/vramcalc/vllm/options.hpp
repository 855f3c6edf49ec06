#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>

#include "vramcalc/bytes.hpp"
#include "vramcalc/serving/drafts.hpp"
#include "vramcalc/serving/parallel.hpp"

// The options of `vllm serve`, named as its flags. An empty optional means that the flag was not given: its
// default depends on the release, the GPU and the model (vllm/engine/arg_utils.py).
namespace vramcalc::vllm {

struct Release {
  std::uint32_t major = 0, minor = 0, patch = 0;
  friend constexpr auto operator<=>(const Release&, const Release&) = default;
};

// The newest release whose source was read: main of 14 August 2026, about 0.28. Rules of later ones are
// extrapolated.
inline constexpr Release newest_read{0, 28, 0};

// --kv-cache-dtype
enum class CacheType : std::uint8_t {
  automatic,
  float16,
  bfloat16,
  fp8,
  fp8_e4m3,
  fp8_e5m2,
  fp8_inc,
  fp8_ds_mla,
  int4_per_token_head,
  int8_per_token_head,
  fp8_per_token_head,
  nvfp4,
  turboquant_k8v4,
  turboquant_4bit_nc,
  turboquant_k3v4_nc,
  turboquant_3bit_nc,
};

struct Options {
  Release release = newest_read;
  std::optional<std::uint32_t> tensor_parallel_size = {};  // -tp; empty for all GPUs of the machine
  std::uint32_t pipeline_parallel_size = 1;                // -pp
  std::uint32_t data_parallel_size = 1;                    // -dp
  std::uint32_t decode_context_parallel_size = 1;          // -dcp
  bool enable_expert_parallel = false;                     // -ep
  std::optional<double> gpu_memory_utilization = {};
  std::optional<std::uint32_t> max_num_seqs = {};
  std::optional<std::uint32_t> max_num_batched_tokens = {};  // tokens
  std::optional<std::uint32_t> block_size = {};              // tokens
  CacheType kv_cache_dtype = CacheType::automatic;
  bool enforce_eager = false;
  std::optional<bool> enable_prefix_caching = {};
  bool disable_hybrid_kv_cache_manager = false;
  std::string quantization = {};  // of a checkpoint that is quantized while it is loaded: "fp8"
  serving::Drafts drafts = {};    // --speculative-config
  bool enable_lora = false;
  std::uint32_t max_loras = 1;
  std::uint32_t max_lora_rank = 16;
  bool language_model_only = false;  // --language-model-only, or every --limit-mm-per-prompt is 0
  bool skip_mm_profiling = false;
  bool mm_encoder_data_parallel = false;  // --mm-encoder-tp-mode data
  Bytes cpu_offload = {};                 // --cpu-offload-gb
  std::optional<Bytes> kv_cache_memory_bytes = {};
  std::optional<std::uint64_t> num_gpu_blocks_override = {};

  // Figures of a start-up log, which replace estimates.
  std::optional<Bytes> available_kv_memory = {};  // "Available KV cache memory"
  std::optional<Bytes> device_memory = {};        // the driver's total
  std::optional<Bytes> free_memory = {};          // free before the start

  friend bool operator==(const Options&, const Options&) = default;
};

}  // namespace vramcalc::vllm
