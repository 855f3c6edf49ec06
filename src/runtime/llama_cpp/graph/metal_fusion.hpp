#pragma once

#include <span>
#include <vector>

#include "runtime/llama_cpp/graph/cuda_fusion.hpp"
#include "runtime/llama_cpp/graph/kept_until.hpp"

// The fusions of llama.cpp 0.5.0's Metal backend (ggml/src/ggml-metal/ggml-metal-fusion.cpp): operations that
// one kernel computes stay together when a graph is reordered, and the operands of whatever looks like one of
// them are kept until its result was computed (since September 2026, pull request 28948).
namespace vramcalc::llama_cpp::graph {

// How many nodes from `place` on stay together, views between them included; at least 1.
std::size_t fused_by_metal(const Graph& graph, const Readers& readers, std::span<const NodeId> nodes,
                           std::size_t place);

std::size_t fused_by_older_metal(const Graph& graph, const Readers& readers, std::span<const NodeId> nodes,
                                 std::size_t place);

// What the order before any reordering keeps.
std::vector<KeptUntil> kept_by_metal(const Graph& graph, std::span<const NodeId> nodes);

}  // namespace vramcalc::llama_cpp::graph
