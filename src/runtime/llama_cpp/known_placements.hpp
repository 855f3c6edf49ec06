#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "runtime/llama_cpp/growth.hpp"
#include "vramcalc/element_type.hpp"
#include "vramcalc/llama_cpp/placement.hpp"

namespace vramcalc::llama_cpp {

// Compute buffers cost by far the most to know. On a GPU they are largest for a prompt; the host's may be
// larger for single tokens, which is one graph more.
enum class Buffers { none, of_gpus, all };

// The buffers of a graph that was placed before, from so many cells of the cache on for so many steps.
struct KnownGraph {
  std::uint64_t cells = 0, steps = 0;
  std::vector<GrowingBytes> buffers;  // of each device, then of the host
  bool complete = true;               // false: it left out layers that it should not have
};

// Of one model, by all that a graph depends on beside the context. A search over contexts, splits and file
// types asks for few graphs that are not alike.
using KnownGraphs = std::map<std::string, std::vector<KnownGraph>>;

// Where one placement puts the weights of one file.
struct KnownWeights {
  Placement placement;
  std::vector<ElementType> types;
  std::vector<Bytes> devices;  // on each device, then on the host
  std::vector<Bytes> layers;   // that move with each layer of the file and, last, with the output
};

// Where each tensor of one model goes that these overrides match; empty where none does.
using OverriddenDevices = std::vector<std::optional<std::int8_t>>;
struct KnownOverrides {
  std::vector<TensorOverride> overrides;
  OverriddenDevices devices;
};

// What was found out about the placements of one model, for those that are asked for next.
struct KnownPlacements {
  KnownGraphs graphs;
  std::vector<KnownWeights> weights;  // the last few
  KnownOverrides overrides;           // the last ones
  // How many ways to leave out layers that repeat did not work, by number of devices and whether weights were
  // moved.
  std::map<std::pair<int, bool>, std::size_t> first_choices;
};

}  // namespace vramcalc::llama_cpp
