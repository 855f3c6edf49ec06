#pragma once

#include <cstddef>
#include <vector>

#include "runtime/llama_cpp/graph/graph.hpp"

namespace vramcalc::llama_cpp::graph {

// The scheduler's output: operations and leaves with the backend of each.
struct Step {
  NodeId node;
  BackendId backend;
  friend bool operator==(const Step&, const Step&) = default;
};
struct Schedule {
  std::vector<Step> leaves;
  std::vector<Step> steps;
  std::vector<std::size_t> marks;        // steps at which the requested places begin
  std::vector<std::size_t> kept_copies;  // first steps to use a copy that was placed at the start
  friend bool operator==(const Schedule&, const Schedule&) = default;
};

}  // namespace vramcalc::llama_cpp::graph
