#pragma once

#include <cstdint>

#include "runtime/llama_cpp/graph/graph.hpp"

namespace vramcalc::llama_cpp::graph {

// The result with what Metal's kernels keep behind it (llama.cpp 0.5.0, ggml/src/ggml-metal/ggml-metal.cpp,
// ggml_backend_metal_buffer_type_get_alloc_size). Since August 2026 (llama.cpp pull request 27390) flash
// attention has room for f16 copies of K and V, whatever their types.
std::uint64_t with_metal_scratch(const Graph& graph, const Node& operation, std::uint64_t result_bytes);

}  // namespace vramcalc::llama_cpp::graph
