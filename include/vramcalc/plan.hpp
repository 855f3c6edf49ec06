#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "vramcalc/fit.hpp"
#include "vramcalc/placement.hpp"
#include "vramcalc/quantization.hpp"
#include "vramcalc/runtime.hpp"

namespace vramcalc {

// Tokens per second, estimated: the shares of bandwidth and arithmetic that published benchmarks of llama.cpp
// reached. A range is not a bound; small models on fast GPUs have been measured above it.
struct Range {
  double low = 0, high = 0;
  friend bool operator==(const Range&, const Range&) = default;
};

struct Speed {
  std::optional<Range> decode;   // of one sequence; empty: the bandwidth of some device is unknown
  // Of a prompt; empty: the arithmetic of some device is unknown, the host takes part, or the context is
  // longer than what the estimate is good for.
  std::optional<Range> prefill;
  std::string why;               // one line
};

// How a model is loaded on a machine.
struct Plan {
  FileType file_type;
  std::uint64_t context = 0;
  Placement placement;
  Estimate estimate;
  bool whole = false;        // everything that can be is on the GPUs
  std::uint32_t layers = 0;  // on the GPUs, the output counts as one
  std::uint32_t all_layers = 0;
  std::uint32_t layers_without_experts = 0;  // of these, with their experts on the host
};

struct PlanGoal {
  std::optional<std::uint64_t> context;  // empty: as long as it can be
  std::uint64_t least_context = 4096;    // what a context is shortened to before parts go to the host
};

// With this file type: whole with the longest context; where that does not fit even at the least one, with
// the experts of as few layers as possible on the host, or else with as many layers as possible on the GPUs.
// That is the order of llama.cpp's own fit, found by search over the same estimates that check goes by. Empty
// where nothing fits.
std::optional<Plan> plan_whole(Estimator& estimator, const FileType& file_type, const Machine& machine,
                               const PlanGoal& goal);
std::optional<Plan> plan_with_host(Estimator& estimator, const FileType& file_type, const Machine& machine,
                                   const PlanGoal& goal);

// From the bytes that one token reads: the weights it uses, and its cache at this context.
Speed speed_of(Estimator& estimator, const FileType& file_type, std::uint64_t context,
               const Estimate& estimate, const Machine& machine, const Placement& placement);

// The longest context at which prompt processing is estimated. Attention is not in that estimate, and beyond
// this it is a growing part of the work: of published benchmarks at depth one in five lay in the range.
inline constexpr std::uint64_t longest_estimated_prompt = 2048;

// An estimate with all that goes into it, for --explain.
struct ExplainedSpeed {
  std::string name;                        // "decode", "prefill"
  std::optional<Range> tokens_per_second;  // empty: not known, which the formula says
  Explanation explanation;
};
std::vector<ExplainedSpeed> explain_speed(Estimator& estimator, const FileType& file_type,
                                          std::uint64_t context, const Estimate& estimate,
                                          const Machine& machine, const Placement& placement);

// The same for weights and cache on one pool of `bandwidth_gbps`: what a list of many models needs.
Range decode_range(Bytes weights_read, Bytes cache_read, double bandwidth_gbps,
                   const Architecture& architecture);

// What of the weights one token uses: by the parameters that it uses.
double active_share(const Architecture& architecture);

}  // namespace vramcalc
