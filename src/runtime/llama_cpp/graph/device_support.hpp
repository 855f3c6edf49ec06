#pragma once

#include "runtime/llama_cpp/graph/graph.hpp"

namespace vramcalc::llama_cpp::graph {

// Does the CUDA backend compute this operation (ggml-cuda.cu, ggml_backend_cuda_device_supports_op)? What it
// does not compute runs on the CPU. Only rules that a shape or a cache type of a known architecture can break
// are here.
bool device_supports(const Graph& graph, const Node& operation);

}  // namespace vramcalc::llama_cpp::graph
