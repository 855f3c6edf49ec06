#pragma once

#include <cstdint>
#include <vector>

#include "vramcalc/llama_cpp/placement.hpp"
#include "vramcalc/session.hpp"

namespace vramcalc::llama_cpp {

struct SpeedQuestion {
  const Architecture& architecture;
  const WeightBytes& weights;
  std::uint64_t context;
  const Estimate& estimate;
  const Machine& machine;
  const Placement& placement;
};

// From the bytes that one token reads: the weights that it uses and its cache at this context.
Speed speed_of(const SpeedQuestion& asked);
std::vector<ExplainedSpeed> explain_speed(const SpeedQuestion& asked);

// The longest context for which prompt processing is estimated. The estimate does not include attention,
// which is a growing part of the work beyond this: only one in five published benchmarks at depth was in the
// range.
inline constexpr std::uint64_t longest_estimated_prompt = 2048;

// For weights and cache on one pool with `bandwidth_gbps`, for lists of many models.
Range decode_range(Bytes weights_read, Bytes cache_read, double bandwidth_gbps,
                   const Architecture& architecture);

// The share of the parameters that one token uses.
double active_share(const Architecture& architecture);

}  // namespace vramcalc::llama_cpp
