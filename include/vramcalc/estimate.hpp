#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "vramcalc/amount.hpp"
#include "vramcalc/capacity.hpp"
#include "vramcalc/place.hpp"

namespace vramcalc {

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
  projector,        // weights and graph
  lora,             // matrices and what they add to the graph
  draft_model,      // all of its terms
  activation_peak,  // of a trial run with the largest batch
  cuda_graphs,
  non_torch,  // what libraries allocate outside the framework: NCCL, cuBLAS
  runtime_overhead
};
inline constexpr std::size_t term_kinds = 12;
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
  Bytes tensor_bytes;                     // sum over the file's tensors
  Bytes file_bytes;                       // the file on disk
  std::vector<PlaceEstimate> places;      // GPUs in order, then the host
  std::optional<Capacity> capacity = {};  // what it leaves room for, if a report asks

  Amount gpu_total() const;  // over all GPUs, without the host
  Amount gpu_term(TermKind kind) const;
  Amount host_total() const;
  Bytes recommended() const;  // 1.3 × the best total, as model-card sites advise, rounded up to a GB
  friend bool operator==(const Estimate&, const Estimate&) = default;
};

}  // namespace vramcalc
