#pragma once

#include <cstdint>
#include <string_view>

#include "vramcalc/architecture.hpp"
#include "vramcalc/machine.hpp"
#include "vramcalc/serving/parallel.hpp"
#include "vramcalc/vllm/options.hpp"

namespace vramcalc::vllm {

// The parameters of an engine with all defaults filled in.
struct Settings {
  Release release;
  serving::Parallel parallel;
  double gpu_memory_utilization = 0;
  std::uint64_t max_model_len = 0;           // tokens
  std::uint32_t max_num_seqs = 0;            // sequences
  std::uint32_t max_num_batched_tokens = 0;  // tokens
  std::uint32_t block_size = 16;             // tokens; what was asked for, or the attention backend's
  CacheType kv_cache_dtype = CacheType::automatic;
  bool enforce_eager = false;
  bool prefix_caching = true;
  bool hybrid_kv_cache_manager = true;
  bool v2_model_runner = false;
  std::uint32_t capture_sizes = 0;  // batch sizes for which CUDA graphs are captured; 0 if eager
  std::uint32_t capture_max = 0;    // the largest of them, in tokens
  bool graphs_in_budget = false;    // an estimate of their memory is taken off the cache
  serving::Drafts drafts;
  std::uint32_t capability = 0;  // of the GPU, which decides the attention backend: 90 for 9.0; 0 if unknown
  friend bool operator==(const Settings&, const Settings&) = default;
};

// `tensor` is the number of GPUs if -tp is not given. Error (bad_value) for a combination that vLLM refuses.
// `quantized` says whether the checkpoint's matrices are; such models get the V2 model runner later.
Settings resolve(const Options& options, const Architecture& architecture, const TargetDevice& device,
                 std::uint64_t max_model_len, std::uint32_t gpus, bool quantized = false);

// "0.11", "v0.20.1", "0.8.5.post1", "0.19.2rc1.dev43". Error (bad_value) for other text and for releases
// before 0.8, whose V0 engine has other rules.
Release parse_release(std::string_view text);

// Whether the release is newer than the newest that was read, so that its rules may differ.
bool is_extrapolated(const Release& release);

// The batch sizes for which CUDA graphs are captured: how many, and the largest.
struct CaptureSizes {
  std::uint32_t count = 0, largest = 0;
  friend bool operator==(const CaptureSizes&, const CaptureSizes&) = default;
};
CaptureSizes capture_sizes(const Settings& settings, const Architecture& architecture,
                           const TargetDevice& device);

}  // namespace vramcalc::vllm
