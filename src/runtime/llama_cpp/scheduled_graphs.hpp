#pragma once

#include <memory>
#include <vector>

#include "runtime/llama_cpp/compute_buffer.hpp"
#include "runtime/llama_cpp/graph/allocator.hpp"
#include "runtime/llama_cpp/graph/graph.hpp"
#include "runtime/llama_cpp/graph/repetition.hpp"

namespace vramcalc::llama_cpp {

// A graph, and how backends execute it.
struct ScheduledGraph {
  graph::Graph graph;
  graph::Schedule schedule;
  std::vector<graph::Step> attended;  // where its layers' attention should be computed
};

ScheduledGraph scheduled(const Architecture& architecture, const GraphSettings& settings,
                         const DeviceMap& where, const graph::LayerPlan& plan);

// The scheduled graphs of one model, each of them made once.
class ScheduledGraphs {
 public:
  explicit ScheduledGraphs(const Architecture& architecture) : architecture_(architecture) {}
  const ScheduledGraph& at(const GraphSettings& settings, const DeviceMap& where,
                           const graph::LayerPlan& plan);

 private:
  struct Known {
    GraphSettings settings;
    DeviceMap where;
    graph::LayerPlan plan;
    std::unique_ptr<const ScheduledGraph> graph;
  };

  const Architecture& architecture_;
  std::vector<Known> known_;
};

}  // namespace vramcalc::llama_cpp
