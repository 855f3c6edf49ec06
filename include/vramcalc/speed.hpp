#pragma once

#include <optional>
#include <string>

#include "vramcalc/explanation.hpp"

namespace vramcalc {

// Tokens per second, estimated: the shares of bandwidth and arithmetic that published benchmarks of the
// runtime reached. A range is not a bound; small models on fast GPUs have been measured above it.
struct Range {
  double low = 0, high = 0;
  friend bool operator==(const Range&, const Range&) = default;
};

struct Speed {
  std::optional<Range> decode;  // of one sequence; empty: the bandwidth of some device is unknown
  // Of a prompt; empty: the arithmetic of some device is unknown, the host takes part, or the context is
  // longer than what the estimate is good for.
  std::optional<Range> prefill;
  std::string why;  // one line
};

// An estimate with all that goes into it, for --explain.
struct ExplainedSpeed {
  std::string name;                        // "decode", "prefill"
  std::optional<Range> tokens_per_second;  // empty: not known, which the formula says
  Explanation explanation;
};

}  // namespace vramcalc
