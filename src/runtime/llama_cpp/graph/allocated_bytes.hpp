#pragma once

#include <cstdint>

#include "runtime/llama_cpp/graph/device_rules.hpp"
#include "runtime/llama_cpp/graph/graph.hpp"

namespace vramcalc::llama_cpp::graph {

// Bytes of `node` in the compute buffer of a device with these rules, or of the host if null.
std::uint64_t allocated_bytes(const Graph& graph, const Node& node, const DeviceRules* rules);

}  // namespace vramcalc::llama_cpp::graph
