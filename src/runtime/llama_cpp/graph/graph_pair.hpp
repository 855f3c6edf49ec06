#pragma once

#include <cstdint>

#include "runtime/llama_cpp/graph/device_rules.hpp"
#include "runtime/llama_cpp/graph/graph.hpp"
#include "runtime/llama_cpp/graph/schedule.hpp"

namespace vramcalc::llama_cpp::graph {

// One graph for two contexts that are a step apart; twice the same one for a single context.
struct GraphPair {
  const Graph& graph;
  const Graph& next;
};

// The same operations on the same backends, regardless of sizes.
bool same_structure(const Graph& a, const Schedule& of_a, const Graph& b, const Schedule& of_b);
// Whether `later` is what `graphs` predicts for a context that is `steps` steps longer.
bool grows_evenly(const GraphPair& graphs, const Graph& later, const DeviceRules& rules, std::uint64_t steps);

}  // namespace vramcalc::llama_cpp::graph
