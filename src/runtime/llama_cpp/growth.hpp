#pragma once

#include <cstdint>
#include <vector>

#include "vramcalc/backend.hpp"
#include "vramcalc/estimate.hpp"

namespace vramcalc::llama_cpp {

// A term that grows by the same amount with every step of the context. It is exact, as are all terms that
// depend on the context.
struct GrowingTerm {
  Place place = Place::gpu(0);
  TermKind kind = TermKind::kv_cache;
  Basis basis = Basis::exact;
  std::uint64_t bytes = 0;  // at the first context
  std::int64_t bytes_per_step = 0;
  friend bool operator==(const GrowingTerm&, const GrowingTerm&) = default;
};

// The terms of a model without its weights, for a range of contexts over which they grow evenly. Contexts
// between two steps count as the next step, because llama.cpp rounds up.
struct EvenGrowth {
  std::uint64_t first = 0, last = 0, step = 1;  // tokens
  std::uint64_t least = 0;                      // that counts as `first`
  std::vector<GrowingTerm> terms;

  bool holds(std::uint64_t context) const { return context >= least && context <= last; }
  std::vector<PlaceEstimate> at(std::uint64_t context) const;  // the GPU, then the host if it takes anything
  Bytes gpu(std::uint64_t context) const;                      // the sum without the host

  friend bool operator==(const EvenGrowth&, const EvenGrowth&) = default;
};

// The bytes of a buffer, and how many more it takes with every step of the context.
struct GrowingBytes {
  std::uint64_t bytes = 0;
  std::int64_t bytes_per_step = 0;
  friend bool operator==(const GrowingBytes&, const GrowingBytes&) = default;
};

// How far a figure may deviate from the computed one, in thousandths of it.
struct Margin {
  std::uint32_t below = 0, above = 0;
  friend bool operator==(const Margin&, const Margin&) = default;
};

// An amount with its margin, and at least `at_least`, within the margin.
Amount widened(const Amount& computed, const Margin& margin, Bytes at_least);

// The compute buffers over a range of contexts, as in EvenGrowth, if the rules are not known to the byte:
// with other backends, older releases and other tools.
struct BoundedGrowth {
  Backend backend = Backend::cuda;
  std::uint64_t first = 0, last = 0, step = 1;
  std::uint64_t least = 0;  // that counts as `first`
  GrowingBytes low, best, high, host_low, host_best, host_high;
  Margin margin, host_margin;
  std::uint64_t at_least = 0;       // lower limit of the GPU's buffer
  std::uint64_t cache_padding = 0;  // padding of the cache that the backend may lack
  std::uint32_t least_capability = 0, highest_capability = 0;  // of NVIDIA's GPUs; 0 if unknown

  bool holds(std::uint64_t context) const { return context >= least && context <= last; }
  Amount gpu(std::uint64_t context) const;
  Amount host(std::uint64_t context) const;
  friend bool operator==(const BoundedGrowth&, const BoundedGrowth&) = default;
};

}  // namespace vramcalc::llama_cpp
