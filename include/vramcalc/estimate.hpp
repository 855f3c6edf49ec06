#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "vramcalc/bytes.hpp"
#include "vramcalc/place.hpp"

namespace vramcalc {

// A figure and its bounds: low ≤ best ≤ high. All three are equal if the figure is exact.
struct Amount {
  Bytes low, best, high;

  static constexpr Amount exactly(Bytes bytes) { return {bytes, bytes, bytes}; }
  constexpr Amount& operator+=(const Amount& other) {
    low += other.low;
    best += other.best;
    high += other.high;
    return *this;
  }
  friend constexpr Amount operator+(Amount a, const Amount& b) { return a += b; }
  friend constexpr bool operator==(const Amount&, const Amount&) = default;
};

// How a figure is known: equal to the runtime's to the byte, derived from its rules with an unknown input,
// fitted to measurements, or assumed.
enum class Basis { exact, derived, fitted, assumed };
std::string_view to_string(Basis basis);

enum class TermKind {
  weights,
  kv_cache,
  recurrent_state,
  compute_buffer,
  output_buffer,
  projector,    // weights and graph
  lora,         // matrices and what they add to the graph
  draft_model,  // all of its terms
  runtime_overhead
};
inline constexpr std::size_t term_kinds = 9;
std::string_view to_string(TermKind kind);

enum class Reasons { none, full };

struct Term {
  TermKind kind = TermKind::weights;
  Amount amount;
  Basis basis = Basis::exact;
  std::string why = {};  // one line with the formula, its numbers and its source; empty if not requested
  friend bool operator==(const Term&, const Term&) = default;
};

// The terms of one place, whose total is always their sum.
struct PlaceEstimate {
  Place place = Place::gpu(0);
  std::vector<Term> terms;
  Amount total() const;
  Amount term(TermKind kind) const;  // the sum of all terms of this kind
  friend bool operator==(const PlaceEstimate&, const PlaceEstimate&) = default;
};

struct Estimate {
  Bytes tensor_bytes;                 // sum over the file's tensors
  Bytes file_bytes;                   // the file on disk
  std::vector<PlaceEstimate> places;  // GPUs in order, then the host

  Amount gpu_total() const;  // over all GPUs, without the host
  Amount gpu_term(TermKind kind) const;
  Amount host_total() const;
  Bytes recommended() const;  // 1.3 × the best total, as model-card sites advise, rounded up to a GB
  friend bool operator==(const Estimate&, const Estimate&) = default;
};

}  // namespace vramcalc
