#pragma once

#include <span>
#include <vector>

#include "runtime/llama_cpp/kv_cache.hpp"
#include "vramcalc/llama_cpp/placement.hpp"
#include "vramcalc/tensor.hpp"

// -sm tensor: every GPU holds a slice of each large matrix and of the caches, and all that is small whole
// (llama.cpp 0.5.0, src/llama-model.cpp, llama_meta_device_get_split_state).
namespace vramcalc::llama_cpp {

// What one GPU holds besides its compute buffer.
struct Slice {
  Bytes weights, state;
  std::vector<CacheTensor> cache;
};

// Of each GPU. Error (bad_value) for models that llama.cpp refuses to split like this; Error (unsupported)
// for those whose slices are not calculated.
std::vector<Slice> tensor_slices(const Architecture& architecture, std::span<const Tensor> tensors,
                                 std::span<const ElementType> types, std::span<const CacheTensor> cache,
                                 std::uint32_t sequences, const Placement& placement);

// What a GPU may take besides, to add up the parts of a matrix product: 32 MiB for two GPUs without NCCL
// (ggml/src/ggml-cuda/allreduce.cu), else a buffer per step of a reduction (ggml/src/ggml-backend-meta.cpp).
Bytes reduction_buffers(const Architecture& architecture, std::uint32_t ubatch, std::size_t gpus);

}  // namespace vramcalc::llama_cpp
