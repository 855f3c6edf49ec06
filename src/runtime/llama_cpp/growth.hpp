#pragma once

#include <cstdint>
#include <vector>

#include "vramcalc/backend.hpp"
#include "vramcalc/estimate.hpp"

namespace vramcalc::llama_cpp {

// A term that takes more with every step of the context, and always as much more. Exact, as all terms are
// that a context decides.
struct GrowingTerm {
  Place place = Place::gpu(0);
  TermKind kind = TermKind::kv_cache;
  Basis basis = Basis::exact;
  std::uint64_t bytes = 0;  // at the first context
  std::int64_t bytes_per_step = 0;
  friend bool operator==(const GrowingTerm&, const GrowingTerm&) = default;
};

// What one model takes without its weights from a first context to a last one, over which it grows evenly.
// Contexts between two steps take what the next one takes: llama.cpp rounds up.
struct EvenGrowth {
  std::uint64_t first = 0, last = 0, step = 1;  // tokens
  std::vector<GrowingTerm> terms;

  bool holds(std::uint64_t context) const { return context + step > first && context <= last; }
  std::vector<PlaceEstimate> at(std::uint64_t context) const;  // the GPU, then the host where it takes anything
  Bytes gpu(std::uint64_t context) const;                       // the sum of what is not on the host

  friend bool operator==(const EvenGrowth&, const EvenGrowth&) = default;
};

// What a buffer takes, and what more with every step of the context.
struct GrowingBytes {
  std::uint64_t bytes = 0;
  std::int64_t bytes_per_step = 0;
  friend bool operator==(const GrowingBytes&, const GrowingBytes&) = default;
};

// How far a figure may lie beyond what was computed, in thousandths of it.
struct Margin {
  std::uint32_t below = 0, above = 0;
  friend bool operator==(const Margin&, const Margin&) = default;
};

// An amount with its margin; it is at least `at_least`, within the margin.
Amount widened(const Amount& computed, const Margin& margin, Bytes at_least);

// What the compute buffers take over such a range of contexts where the rules are not known to the byte: on
// other backends, under older releases and other tools. Contexts are those of an EvenGrowth.
struct BoundedGrowth {
  Backend backend = Backend::cuda;
  std::uint64_t first = 0, last = 0, step = 1;
  GrowingBytes low, best, high, host_low, host_best, host_high;
  Margin margin, host_margin;
  std::uint64_t at_least = 0;       // of the GPU's, whatever the graph says
  std::uint64_t cache_padding = 0;  // that the backend may not have in the cache

  bool holds(std::uint64_t context) const { return context + step > first && context <= last; }
  Amount gpu(std::uint64_t context) const;
  Amount host(std::uint64_t context) const;
  friend bool operator==(const BoundedGrowth&, const BoundedGrowth&) = default;
};

}  // namespace vramcalc::llama_cpp
