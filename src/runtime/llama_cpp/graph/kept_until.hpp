#pragma once

#include <vector>

#include "runtime/llama_cpp/graph/graph.hpp"

namespace vramcalc::llama_cpp::graph {

// Tensors that are kept until an operation was computed, even after their last reader.
struct KeptUntil {
  NodeId operation = no_node;
  std::vector<NodeId> tensors;
};

}  // namespace vramcalc::llama_cpp::graph
