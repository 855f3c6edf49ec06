#pragma once

#include <cstdint>

#include "runtime/llama_cpp/graph/graph.hpp"

namespace vramcalc::llama_cpp::graph {

// The result followed by the scratch memory of SYCL's flash attention (llama.cpp 0.5.0,
// ggml/src/ggml-sycl/fattn.cpp, ggml_sycl_fattn_get_extra): f16 copies of K and V if the cache is not f16,
// and if oneDNN may compute it, which depends on the build and the GPU, also of Q and the result, and a
// scale.
std::uint64_t with_sycl_scratch(const Graph& graph, const Node& operation, std::uint64_t result_bytes,
                                bool onednn);

}  // namespace vramcalc::llama_cpp::graph
