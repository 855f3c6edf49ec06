#pragma once

#include <cstdint>

#include "vramcalc/architecture.hpp"
#include "vramcalc/machine.hpp"
#include "vramcalc/vllm/options.hpp"

// What a release of vLLM assumes where no flag is given.
namespace vramcalc::vllm {

// How a release tells large GPUs from others (vllm/engine/arg_utils.py).
enum class DeviceTiers : std::uint8_t {
  by_name,            // H100 and H200
  from_70_gib,        // any GPU with 70 GiB
  from_70_but_a100,   // the same, except the A100
  also_from_160_gib,  // and a third tier
};

// max_num_batched_tokens of a server, and max_num_seqs.
struct BatchDefaults {
  std::uint32_t tokens = 0, sequences = 0;
  friend bool operator==(const BatchDefaults&, const BatchDefaults&) = default;
};

// A row holds from its release until the next row's.
struct ReleaseDefaults {
  Release since;
  double gpu_memory_utilization;
  DeviceTiers tiers;
  bool sequences_within_tokens;           // max_num_seqs by default at most max_num_batched_tokens
  bool tokens_within_sequences;           // and that at most max_num_seqs × max_model_len
  bool captures_for_sequences;            // the largest capture size is at most twice max_num_seqs
  std::uint32_t capture_step;             // between capture sizes from 256 on
  std::uint32_t blackwell_capture_limit;  // the largest capture size of data-centre Blackwell; 512 elsewhere
  bool graphs_in_budget;                  // VLLM_MEMORY_PROFILER_ESTIMATE_CUDAGRAPHS
  bool consumed_memory;            // the budget subtracts what the driver lost, not what PyTorch allocated
  bool hybrid_kv_cache_manager;    // else windows are cached whole
  bool prefix_caching_of_hybrids;  // of models with recurrent layers
};

const ReleaseDefaults& defaults_of(const Release& release);

BatchDefaults batch_defaults(DeviceTiers tiers, const TargetDevice& device);

// Tokens per block that the attention backend chooses for this model and GPU.
std::uint32_t default_block_size(const Release& release, const Architecture& architecture,
                                 const TargetDevice& device, CacheType cache);

// Whether the model runs on the V2 model runner (vllm/config/vllm.py).
bool runs_on_v2(const Release& release, const Architecture& architecture, bool quantized);

bool has_recurrent_layers(const Architecture& architecture);
bool has_experts(const Architecture& architecture);
bool has_latent_attention(const Architecture& architecture);

}  // namespace vramcalc::vllm
