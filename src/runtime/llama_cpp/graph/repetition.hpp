#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "runtime/llama_cpp/device_map.hpp"
#include "vramcalc/architecture.hpp"

// Layers repeat, and so do their allocations: after one or two rounds every tensor is placed where its
// counterpart was a round before. Further rounds change nothing and are not simulated. Every run checks that
// the allocator's state did recur (allocator.hpp, Checkpoint); if not, more layers are simulated, in the end
// all of them.
namespace vramcalc::llama_cpp::graph {

// Before layer `after` of the plan the allocator must be in the same state as before layer `before`. Both
// belong to a run with `round` layers per round.
struct Recurrence {
  std::size_t before = 0;
  std::size_t after = 0;
  std::size_t round = 1;
  friend bool operator==(const Recurrence&, const Recurrence&) = default;
};

struct LayerPlan {
  std::vector<std::size_t> layers;  // numbers of the blocks to build, in order
  std::vector<Recurrence> recurrences;
  bool complete() const { return recurrences.empty(); }
  friend bool operator==(const LayerPlan&, const LayerPlan&) = default;
};

// How many rounds of a run are kept, if a round is one layer and if it is several, and over how many rounds
// the state must recur: the residual stream may alternate between two places.
struct KeptRounds {
  std::size_t single = 4;
  std::size_t several = 3;
  std::size_t step = 1;
};

// The trunk's layers without those that only repeat. The last layer is always kept.
LayerPlan plan_layers(const Architecture& architecture, const DeviceMap& where,
                      const KeptRounds& kept_rounds);
LayerPlan all_layers(const Architecture& architecture);

// The only prediction layer that a reserved graph has (src/llama-context.cpp: nextn_layer_offset is 0).
LayerPlan first_prediction_layer(const Architecture& architecture);

// What a graph of these layers depends on besides its settings: two maps with the same signature give the
// same graph.
std::string signature(const Architecture& architecture, const DeviceMap& where, const LayerPlan& plan);

}  // namespace vramcalc::llama_cpp::graph
