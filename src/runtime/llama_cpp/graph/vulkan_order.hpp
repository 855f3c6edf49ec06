#pragma once

#include <span>
#include <vector>

#include "runtime/llama_cpp/graph/graph.hpp"

namespace vramcalc::llama_cpp::graph {

// What is kept until an operation was computed, although nothing after the last reader needs it.
struct KeptUntil {
  NodeId operation = no_node;
  std::vector<NodeId> tensors;
};

struct ReorderedRun {
  std::vector<NodeId> nodes;
  std::vector<KeptUntil> kept;
};

// The order in which Vulkan computes a run of operations: those that do not depend on each other side by
// side, those that one kernel computes together one after the other (llama.cpp 0.5.0,
// ggml/src/ggml-vulkan/ggml-vulkan.cpp, ggml_vk_graph_optimize). It decides what lives at the same time.
ReorderedRun in_vulkan_order(const Graph& graph, std::span<const NodeId> nodes);

}  // namespace vramcalc::llama_cpp::graph
