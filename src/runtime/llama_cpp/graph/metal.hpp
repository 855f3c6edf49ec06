#pragma once

#include <cstdint>

#include "runtime/llama_cpp/graph/graph.hpp"

namespace vramcalc::llama_cpp::graph {

// The result followed by the scratch memory of Metal's kernels (llama.cpp 0.5.0,
// ggml/src/ggml-metal/ggml-metal.cpp, ggml_backend_metal_buffer_type_get_alloc_size). Since August 2026 (pull
// request 27390) flash attention has room for f16 copies of K and V of any type.
std::uint64_t with_metal_scratch(const Graph& graph, const Node& operation, std::uint64_t result_bytes,
                                 bool copies_cache);

}  // namespace vramcalc::llama_cpp::graph
