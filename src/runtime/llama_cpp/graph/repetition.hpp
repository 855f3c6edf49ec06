#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "runtime/llama_cpp/device_map.hpp"
#include "vramcalc/architecture.hpp"

// Layers repeat, and so does what the allocator does for them: after one or two rounds it places every tensor
// where it placed its like a round before. Further rounds change nothing, so that they need not be simulated.
// That the allocator did come round is checked in every run (allocator.hpp, Checkpoint); where it did not,
// more layers are simulated, at last all of them.
namespace vramcalc::llama_cpp::graph {

// Before layer `after` of the plan the allocator must be in the state in which it was before layer `before`;
// a round of the run that the two lie in has `round` layers.
struct Recurrence {
  std::size_t before = 0;
  std::size_t after = 0;
  std::size_t round = 1;
};

struct LayerPlan {
  std::vector<std::size_t> layers;  // numbers of the blocks to build, in order
  std::vector<Recurrence> recurrences;
  bool complete() const { return recurrences.empty(); }
};

// How many rounds of a repeating run are kept, where a round is one layer and where it is several, and over
// how many rounds the state must recur: the residual stream may alternate between two places.
struct KeptRounds {
  std::size_t single = 4;
  std::size_t several = 3;
  std::size_t step = 1;
};

// The trunk's layers without what only repeats. The last layer is always kept.
LayerPlan plan_layers(const Architecture& architecture, const DeviceMap& where, const KeptRounds& kept_rounds);
LayerPlan all_layers(const Architecture& architecture);

// What a graph of these layers depends on, beside its settings: of two maps with the same signature the same
// graph is built.
std::string signature(const Architecture& architecture, const DeviceMap& where, const LayerPlan& plan);

}  // namespace vramcalc::llama_cpp::graph
