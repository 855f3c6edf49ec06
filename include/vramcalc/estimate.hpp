#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "vramcalc/bytes.hpp"
#include "vramcalc/place.hpp"

namespace vramcalc {

// A figure and the bounds that hold it: low ≤ best ≤ high. Exact figures have all three equal.
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

// How a figure is known: equal to the byte to what the runtime does; follows from its rules with something
// unknown put in; fitted to measurements; or assumed.
enum class Basis { exact, derived, fitted, assumed };
std::string_view to_string(Basis basis);

enum class TermKind {
  weights,
  kv_cache,
  recurrent_state,
  compute_buffer,
  output_buffer,
  projector,    // with its own graph
  lora,         // with what it adds to the graph
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
  std::string why = {};  // one line: formula with numbers, and the rule's source; empty where not asked for
  friend bool operator==(const Term&, const Term&) = default;
};

// The terms of one place; its total is their sum, always.
struct PlaceEstimate {
  Place place = Place::gpu(0);
  std::vector<Term> terms;
  Amount total() const;
  Amount term(TermKind kind) const;  // the sum of those of this kind
  friend bool operator==(const PlaceEstimate&, const PlaceEstimate&) = default;
};

struct Estimate {
  Bytes tensor_bytes;                   // sum over the file's tensors
  Bytes file_bytes;                     // the file on disk
  std::vector<PlaceEstimate> places;  // GPUs in order, then the host

  Amount gpu_total() const;  // over all GPUs; the host is not in it
  Amount gpu_term(TermKind kind) const;
  Amount host_total() const;
  Bytes recommended() const;  // 1.3 × the best total: headroom as model-card sites advise, rounded up to a GB
  friend bool operator==(const Estimate&, const Estimate&) = default;
};

}  // namespace vramcalc
