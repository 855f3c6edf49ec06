#pragma once

#include <span>
#include <vector>

#include "runtime/llama_cpp/graph/cuda_fusion.hpp"
#include "runtime/llama_cpp/graph/kept_until.hpp"

namespace vramcalc::llama_cpp::graph {

// The order in which Metal computes a run of operations: those that can run at the same time are moved next
// to each other (llama.cpp 0.5.0, ggml/src/ggml-metal/ggml-metal-common.cpp, ggml_graph_optimize).
ReorderedRun in_metal_order(const Graph& graph, const Readers& readers, std::span<const NodeId> nodes);

// Until the summer of 2026 only scaled norms and sums were fused, and nothing was kept.
std::vector<NodeId> in_older_metal_order(const Graph& graph, const Readers& readers,
                                         std::span<const NodeId> nodes);

}  // namespace vramcalc::llama_cpp::graph
