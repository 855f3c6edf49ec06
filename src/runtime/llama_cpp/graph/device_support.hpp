#pragma once

#include "runtime/llama_cpp/graph/graph.hpp"

namespace vramcalc::llama_cpp::graph {

// Whether the CUDA backend computes this operation (ggml-cuda.cu, ggml_backend_cuda_device_supports_op)
// rather than the CPU. Only rules that a known architecture's shapes or cache types can break are included.
bool device_supports(const Graph& graph, const Node& operation);

}  // namespace vramcalc::llama_cpp::graph
