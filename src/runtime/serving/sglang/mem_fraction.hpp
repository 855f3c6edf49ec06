#pragma once

#include <cstdint>

#include "runtime/serving/sglang/settings.hpp"

namespace vramcalc::sglang {

// What nvidia-smi shows of one GPU, in MiB; 0 if unknown.
std::uint64_t device_mib(const TargetDevice& device);

// The defaults by the GPU's size (_handle_gpu_memory_settings).
std::uint32_t default_chunked_prefill_size(const Release& release, std::uint64_t mib);
std::uint32_t default_cuda_graph_max_bs(const Release& release, std::uint64_t mib, std::uint32_t tp_size);

std::uint32_t captured_batch_sizes(std::uint32_t max_bs, bool speculative);
std::uint32_t captured_prefill_sizes(std::uint32_t max_tokens);

// The default of --mem-fraction-static: what is left after the memory reserved for activations and CUDA
// graphs. `settings` has the other parameters, with the chunk size before DP attention divides it.
Fraction default_mem_fraction_static(const Settings& settings, const Architecture& architecture,
                                     std::uint64_t mib);

// What a multimodal model's default fraction is multiplied by (adjust_mem_fraction_for_vlm).
Fraction vision_factor(const Architecture& architecture);

}  // namespace vramcalc::sglang
