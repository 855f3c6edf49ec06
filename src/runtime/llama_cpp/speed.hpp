#pragma once

#include <cstdint>
#include <vector>

#include "vramcalc/llama_cpp/placement.hpp"
#include "vramcalc/session.hpp"

namespace vramcalc::llama_cpp {

// A load whose speed is asked for.
struct SpeedQuestion {
  const Architecture& architecture;
  const WeightBytes& weights;
  std::uint64_t context;
  const Estimate& estimate;
  const Machine& machine;
  const Placement& placement;
};

// From the bytes that one token reads: the weights it uses, and its cache at this context.
Speed speed_of(const SpeedQuestion& asked);
std::vector<ExplainedSpeed> explain_speed(const SpeedQuestion& asked);

// The longest context at which prompt processing is estimated. Attention is not in that estimate, and beyond
// this it is a growing part of the work: of published benchmarks at depth one in five lay in the range.
inline constexpr std::uint64_t longest_estimated_prompt = 2048;

// Of weights and cache on one pool of `bandwidth_gbps`: what a list of many models needs.
Range decode_range(Bytes weights_read, Bytes cache_read, double bandwidth_gbps,
                   const Architecture& architecture);

// What of the weights one token uses: by the parameters that it uses.
double active_share(const Architecture& architecture);

}  // namespace vramcalc::llama_cpp
