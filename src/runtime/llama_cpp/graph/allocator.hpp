#pragma once

#include <cstdint>
#include <vector>

#include "runtime/llama_cpp/graph/device_rules.hpp"
#include "runtime/llama_cpp/graph/graph_pair.hpp"
#include "runtime/llama_cpp/graph/linear.hpp"
#include "runtime/llama_cpp/graph/repetition.hpp"
#include "runtime/llama_cpp/graph/schedule.hpp"

namespace vramcalc::llama_cpp::graph {

// Bytes per backend, with the CPU last, and for how many steps they grow evenly.
struct Allocation {
  std::vector<Linear> bytes;
  std::uint64_t steps = 0;
  bool recurred = true;  // whether every requested recurrence took place
};

// Places every tensor of the schedule (ggml-alloc.c, ggml_gallocr_reserve), for up to `steps` further steps.
// A recurrence names two marks of the schedule: from the second on, the memory looks as it did from the first
// on.
Allocation place(const GraphPair& graphs, const Schedule& schedule, int devices, const DeviceRules& rules,
                 const std::vector<Recurrence>& recurrences, std::uint64_t steps);

}  // namespace vramcalc::llama_cpp::graph
