#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "vramcalc/explanation.hpp"

namespace vramcalc {

// Tokens per second of one sequence.
struct Range {
  double low = 0, high = 0;
  friend bool operator==(const Range&, const Range&) = default;
};

// What the coefficients of an estimate were fitted to: measurements of this very chip, of chips of its
// generation, or of others with the same backend. The further away, the wider the range.
enum class SpeedBasis : std::uint8_t { this_card, its_generation, rule };
std::string_view to_string(SpeedBasis basis);  // "measured on this card", "measured on its generation", …

// In which most measured figures of llama.cpp lay that were not used for it (data/speeds.json says how many).
struct SpeedEstimate {
  Range tokens_per_second;
  SpeedBasis basis = SpeedBasis::rule;
  friend bool operator==(const SpeedEstimate&, const SpeedEstimate&) = default;
};

struct Speed {
  std::optional<SpeedEstimate> decode;  // empty if the bandwidth of a device is unknown
  // What the memory's bandwidth allows at most, with all of the last-level cache in use; empty if host memory
  // takes part.
  std::optional<double> decode_ceiling;
  // Of the last `prompt_tokens` of a prompt that fills the context; empty if the arithmetic of a device is
  // unknown or the host takes part.
  std::optional<SpeedEstimate> prefill;
  std::uint64_t prompt_tokens = 0;
  std::string why;  // one line
  // Of all `sequences` that are decoded together; empty for one.
  std::optional<SpeedEstimate> throughput = {};
  std::uint32_t sequences = 1;
};

// An estimate with its inputs, for --explain.
struct ExplainedSpeed {
  std::string name;                       // "decode", "prefill"
  std::optional<SpeedEstimate> estimate;  // empty if unknown; the formula says why
  Explanation explanation;
};

}  // namespace vramcalc
