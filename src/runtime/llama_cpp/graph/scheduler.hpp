#pragma once

#include "runtime/llama_cpp/graph/device_rules.hpp"
#include "runtime/llama_cpp/graph/graph.hpp"
#include "runtime/llama_cpp/graph/schedule.hpp"

namespace vramcalc::llama_cpp::graph {

struct Backends {
  int devices = 1;
  bool offload_host_weights = true;  // a device computes large batches even if the weight is on the host
  int copies = 1;                    // of every input: 4 with pipeline parallelism
  DeviceRules rules;
  BackendId cpu() const { return static_cast<BackendId>(devices); }
};

// What a schedule depends on: not how devices align.
constexpr DeviceRules rules_of_schedule(const DeviceRules& rules) {
  DeviceRules result;
  result.order = rules.order;
  result.kernels = rules.kernels;
  result.fuses_sum_of_experts = rules.fuses_sum_of_experts;
  result.fuses_choice_of_experts = rules.fuses_choice_of_experts;
  return result;
}

// Assigns every operation to a backend and adds copies between backends (ggml-backend.cpp,
// ggml_backend_sched_split_graph), which replace the sources of operations. `marks` are positions in the
// graph's order that the schedule keeps track of.
Schedule schedule(Graph& graph, const Backends& backends, const std::vector<std::size_t>& marks = {});

}  // namespace vramcalc::llama_cpp::graph
