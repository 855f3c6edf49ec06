#pragma once

#include <cstdint>

#include "runtime/llama_cpp/graph/device_rules.hpp"
#include "runtime/llama_cpp/graph/graph.hpp"

// Flash attention in the CUDA backend of llama.cpp 0.5.0 (ggml/src/ggml-cuda/fattn.cu), built with the
// default set of kernels.
namespace vramcalc::llama_cpp::graph {

// Whether there is a kernel for the head sizes and cache types. If not, the CPU computes the operation, or
// "auto" turns flash attention off.
bool device_supports_flash_attention(const Graph& graph, const Node& operation);

// The types of cache that CUDA's attention kernels read, at once or through a copy, and whether vectors of 16
// bytes can be read from the rows.
bool kernels_read_cache(ElementType type);
bool strides_aligned(const Node& node);

// Latent attention reads its values from the keys, so one copy serves both.
bool values_are_keys(const Graph& graph, const Node& operation);

// The result, followed by f16 copies of K and V if the kernel cannot read the cache's type.
std::uint64_t with_flash_attention_scratch(const Graph& graph, const Node& operation, Generation generation,
                                           std::uint64_t result_bytes);

// Whether the vector kernel reads such a cache without a copy.
bool vector_kernel_reads(ElementType k, ElementType v);

}  // namespace vramcalc::llama_cpp::graph
