#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "vramcalc/backend.hpp"
#include "vramcalc/element_type.hpp"
#include "vramcalc/estimate.hpp"
#include "vramcalc/llama_cpp/placement.hpp"

namespace vramcalc::llama_cpp {

// A term that takes more with every step of the context, and always as much more. Exact, as all terms are
// that a context decides.
struct GrowingTerm {
  Place place = Place::gpu(0);
  TermKind kind = TermKind::kv_cache;
  Basis basis = Basis::exact;
  std::uint64_t bytes = 0;  // at the first context of its stretch
  std::int64_t bytes_a_step = 0;
  friend bool operator==(const GrowingTerm&, const GrowingTerm&) = default;
};

// What one model takes without its weights at every context of a stretch, the last one included. Contexts
// between two steps take what the next one takes: runtimes round up.
struct AllocationStretch {
  std::uint64_t first = 0, last = 0, step = 1;  // tokens
  std::vector<GrowingTerm> terms;

  bool holds(std::uint64_t context) const { return context + step > first && context <= last; }
  std::vector<PlaceEstimate> at(std::uint64_t context) const;  // the GPU, then the host where it takes anything
  Bytes gpu(std::uint64_t context) const;                       // the sum of what is not on the host

  friend bool operator==(const AllocationStretch&, const AllocationStretch&) = default;
};

// What a buffer takes, and what more with every step of the context.
struct GrowingBytes {
  std::uint64_t bytes = 0;
  std::int64_t bytes_a_step = 0;
  friend bool operator==(const GrowingBytes&, const GrowingBytes&) = default;
};

// How far a figure may lie beyond what was computed, in thousandths of it.
struct Margin {
  std::uint32_t below = 0, above = 0;
  friend bool operator==(const Margin&, const Margin&) = default;
};

// An amount with its margin; it is at least `at_least`, within the margin.
Amount widened(const Amount& computed, const Margin& margin, Bytes at_least);

// What the compute buffers take at every context of a stretch where the rules are not known to the byte: on
// other backends, under older releases and other tools. Contexts are those of an AllocationStretch.
struct ComputeStretch {
  Backend backend = Backend::cuda;
  std::uint64_t first = 0, last = 0, step = 1;
  GrowingBytes low, best, high, host_low, host_best, host_high;
  Margin margin, host_margin;
  std::uint64_t at_least = 0;       // of the GPU's, whatever the graph says
  std::uint64_t cache_padding = 0;  // that the backend may not have in the cache

  bool holds(std::uint64_t context) const { return context + step > first && context <= last; }
  Amount gpu(std::uint64_t context) const;
  Amount host(std::uint64_t context) const;
  friend bool operator==(const ComputeStretch&, const ComputeStretch&) = default;
};

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
  std::map<std::pair<int, bool>, std::size_t> efforts;
};

}  // namespace vramcalc::llama_cpp
