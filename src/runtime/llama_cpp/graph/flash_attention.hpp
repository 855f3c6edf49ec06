#pragma once

#include <cstdint>

#include "runtime/llama_cpp/graph/graph.hpp"

// What the CUDA backend of llama.cpp 0.5.0 does for a flash attention operation
// (ggml/src/ggml-cuda/fattn.cu), on Turing tensor cores or newer and built with its default set of kernels.
namespace vramcalc::llama_cpp::graph {

// Head sizes and cache types for which there is a kernel; others are computed by the CPU, or flash attention
// is turned off where it is on "auto".
bool device_supports_flash_attention(const Graph& graph, const Node& operation);

// Latent attention reads its values out of the keys: one copy serves both.
bool values_are_keys(const Graph& graph, const Node& operation);

// The result, followed by f16 copies of K and V where the kernel cannot read the cache's type.
std::uint64_t with_flash_attention_scratch(const Graph& graph, const Node& operation,
                                           std::uint64_t result_bytes);

}  // namespace vramcalc::llama_cpp::graph
