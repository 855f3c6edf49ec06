#pragma once

#include <optional>
#include <string>

#include "vramcalc/explanation.hpp"

namespace vramcalc {

// Estimated tokens per second, from the shares of bandwidth and arithmetic that published benchmarks of the
// runtime reached. The range is not a bound: small models on fast GPUs have been measured above it.
struct Range {
  double low = 0, high = 0;
  friend bool operator==(const Range&, const Range&) = default;
};

struct Speed {
  std::optional<Range> decode;  // of one sequence; empty if the bandwidth of a device is unknown
  // Of a prompt; empty if the arithmetic of a device is unknown, the host takes part, or the context is too
  // long for the estimate.
  std::optional<Range> prefill;
  std::string why;  // one line
};

// An estimate with its inputs, for --explain.
struct ExplainedSpeed {
  std::string name;                        // "decode", "prefill"
  std::optional<Range> tokens_per_second;  // empty if unknown; the formula says why
  Explanation explanation;
};

}  // namespace vramcalc
