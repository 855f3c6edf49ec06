#pragma once

#include <cstdint>
#include <string>

#include "runtime/serving/vllm/settings.hpp"
#include "vramcalc/amount.hpp"
#include "vramcalc/bytes.hpp"
#include "vramcalc/packing.hpp"

// Why vLLM would not start: its own words, then what to do.
namespace vramcalc::vllm {

// A combination of parameters that vLLM refuses before it loads anything; empty if there is none.
std::string refusal_of(const Settings& settings, const Options& options, const Architecture& architecture);

// Experts whose slices are not whole blocks of a format with block scales (FP8); empty if they are.
std::string refusal_of_block_scales(const PackedLayout& layout, const Architecture& architecture,
                                    const serving::Parallel& parallel);

// Less memory is free than gpu_memory_utilization asks for.
std::string refusal_of_free_memory(Bytes free, Bytes total, double utilization, Bytes requested);

// Nothing is left for the cache.
std::string refusal_of_cache();
// For --num-gpu-blocks-override; empty if the GPU has room for so many.
std::string refusal_of_blocks(std::uint64_t blocks, Bytes block, const Amount& weights, Bytes total);

// The cache does not hold a single request of the full length. `longest` is 0 if it holds none at all.
std::string refusal_of_length(std::uint64_t max_model_len, Bytes needed, Bytes available,
                              std::uint64_t longest);

}  // namespace vramcalc::vllm
