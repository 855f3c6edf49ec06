#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "speed/work.hpp"
#include "vramcalc/llama_cpp/options.hpp"
#include "vramcalc/llama_cpp/placement.hpp"
#include "vramcalc/session.hpp"

namespace vramcalc::llama_cpp {

struct SpeedQuestion {
  const Architecture& architecture;
  const WeightBytes& weights;
  const ContextParams& params;
  std::uint64_t context;  // of one sequence
};

// What a token and a prompt take where a load has put the parts of a model.
speed::Work work_of(const SpeedQuestion& asked, const Estimate& estimate, const Machine& machine,
                    const Placement& placement);

// The speed of decoding with everything on these GPUs, split by their memory, or in host memory without any.
std::optional<SpeedEstimate> decode_on(const SpeedQuestion& asked, std::span<const Device> devices);

// The same on each of many machines, for which a token's work is computed once; empty for one without GPUs.
std::vector<std::optional<SpeedEstimate>> decode_on_each(const SpeedQuestion& asked,
                                                         std::span<const std::span<const Device>> machines);

}  // namespace vramcalc::llama_cpp
