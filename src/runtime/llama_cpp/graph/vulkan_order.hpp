#pragma once

#include <span>
#include <vector>

#include "runtime/llama_cpp/graph/kept_until.hpp"

namespace vramcalc::llama_cpp::graph {

struct ReorderedRun {
  std::vector<NodeId> nodes;
  std::vector<KeptUntil> kept;
};

// The order in which Vulkan computes a run of operations: independent ones next to each other, fused ones one
// after another (llama.cpp 0.5.0, ggml/src/ggml-vulkan/ggml-vulkan.cpp, ggml_vk_graph_optimize). It
// determines which tensors are alive at the same time.
ReorderedRun in_vulkan_order(const Graph& graph, std::span<const NodeId> nodes);

}  // namespace vramcalc::llama_cpp::graph
