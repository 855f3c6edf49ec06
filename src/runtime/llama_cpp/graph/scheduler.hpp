#pragma once

#include "runtime/llama_cpp/graph/allocator.hpp"
#include "runtime/llama_cpp/graph/graph.hpp"

namespace vramcalc::llama_cpp::graph {

struct Backends {
  int devices = 1;
  bool offload_host_weights =
      true;        // large batches are computed on a device although the weight is on the host
  int copies = 1;  // of every input: 4 with pipeline parallelism
  Order order = Order::as_built;
  BackendId cpu() const { return static_cast<BackendId>(devices); }
};

// Assigns every operation to a backend, and adds what must be copied between backends (ggml-backend.cpp,
// ggml_backend_sched_split_graph). Changes the sources of operations to the copies. `marks` are places in the
// graph's order that the schedule shall be able to find again.
Schedule schedule(Graph& graph, const Backends& backends, const std::vector<std::size_t>& marks = {});

}  // namespace vramcalc::llama_cpp::graph
