#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "runtime/llama_cpp/graph_settings.hpp"
#include "runtime/llama_cpp/growth.hpp"
#include "vramcalc/element_type.hpp"
#include "vramcalc/llama_cpp/placement.hpp"

namespace vramcalc::llama_cpp {

// Compute buffers are by far the slowest to compute. On a GPU they are largest for a prompt; the host's may
// be larger for single tokens, which needs one more graph.
enum class Buffers { none, of_gpus, all };

// The buffers of a graph that was placed before, over a range of cache cells.
struct KnownGraph {
  std::uint64_t cells = 0, steps = 0;
  std::vector<GrowingBytes> buffers;  // of each device, then of the host
  bool complete = true;               // false if it left out layers that are needed
};

// The graphs of one model, by everything that they depend on besides the context. A search over contexts,
// splits and file types needs few different graphs.
using KnownGraphs = std::map<std::string, std::vector<KnownGraph>>;

// Where one placement puts the weights of one file.
struct KnownWeights {
  Placement placement;
  std::vector<ElementType> types;
  std::vector<Bytes> devices;  // on each device, then on the host
  std::vector<Bytes> layers;   // of each layer of the file and, last, of the output
};

// The device of each tensor of a model that these overrides match; empty for the others.
using OverriddenDevices = std::vector<std::optional<std::int8_t>>;
struct KnownOverrides {
  std::vector<TensorOverride> overrides;
  OverriddenDevices devices;
};

// What "auto" flash attention became.
struct KnownFlashAttention {
  GraphSettings settings;
  std::string layers;  // their signature, see graph/repetition.hpp
  bool runs = false;
};

// Cached results for the placements of one model.
struct KnownPlacements {
  KnownGraphs graphs;
  std::vector<KnownWeights> weights;  // the most recent ones
  KnownOverrides overrides;           // the most recent ones
  std::vector<KnownFlashAttention> flash_attention;
  // Number of failed ways to leave out repeating layers, by device count and whether weights were moved.
  std::map<std::pair<int, bool>, std::size_t> first_choices;
};

}  // namespace vramcalc::llama_cpp
