#include "runtime/llama_cpp/scheduled_graphs.hpp"

#include <algorithm>

#include "runtime/llama_cpp/graph/builder.hpp"
#include "runtime/llama_cpp/graph/scheduler.hpp"

namespace vramcalc::llama_cpp {

ScheduledGraph scheduled(const Architecture& architecture, const GraphSettings& settings,
                         const DeviceMap& where, const graph::LayerPlan& plan) {
  graph::Builder builder(architecture, settings, where);
  graph::build(builder, plan);
  graph::Schedule schedule = graph::schedule(builder.g, builder.backends, builder.marks);
  return {std::move(builder.g), std::move(schedule), std::move(builder.attended)};
}

const ScheduledGraph& ScheduledGraphs::at(const GraphSettings& settings, const DeviceMap& where,
                                          const graph::LayerPlan& plan) {
  DeviceMap scheduled_as = where;
  scheduled_as.rules = graph::rules_of_schedule(where.rules);
  const auto known = std::ranges::find_if(known_, [&](const Known& each) {
    return each.settings == settings && each.where == scheduled_as && each.plan == plan;
  });
  if (known != known_.end()) return *known->graph;
  auto graph = std::make_unique<const ScheduledGraph>(scheduled(architecture_, settings, scheduled_as, plan));
  return *known_.emplace_back(Known{settings, std::move(scheduled_as), plan, std::move(graph)}).graph;
}

}  // namespace vramcalc::llama_cpp
