#pragma once

#include <cstdint>

#include "runtime/llama_cpp/graph/graph.hpp"

namespace vramcalc::llama_cpp::graph {

// The result followed by the scratch memory of SYCL's flash attention if oneDNN computes it (llama.cpp 0.5.0,
// ggml/src/ggml-sycl/fattn.cpp, ggml_sycl_fattn_get_extra).
std::uint64_t with_sycl_scratch(const Graph& graph, const Node& operation, std::uint64_t result_bytes);

}  // namespace vramcalc::llama_cpp::graph
