#pragma once

#include <span>
#include <vector>

#include "runtime/llama_cpp/graph/graph.hpp"

namespace vramcalc::llama_cpp::graph {

// The order in which Metal computes a run of operations: what can run at the same time is moved side by side
// (llama.cpp 0.5.0, ggml/src/ggml-metal/ggml-metal-common.cpp, ggml_graph_optimize). Of the operations that
// one kernel computes together, norms with what scales them and sums are known here; the rest of
// ggml-metal-fusion.cpp is not.
std::vector<NodeId> in_metal_order(const Graph& graph, std::span<const NodeId> nodes);

}  // namespace vramcalc::llama_cpp::graph
