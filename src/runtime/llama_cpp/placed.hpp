#pragma once

#include <span>
#include <vector>

#include "runtime/llama_cpp/known_placements.hpp"
#include "vramcalc/llama_cpp/options.hpp"
#include "vramcalc/weights.hpp"

namespace vramcalc::llama_cpp {

// The terms of every GPU and of the host, without overhead, for this placement.
std::vector<PlaceEstimate> place(const Architecture& architecture, const Weights& weights,
                                 const ContextParams& params, std::uint64_t tokens,
                                 const Placement& placement, Reasons reasons, Buffers buffers,
                                 KnownPlacements& known);

// The bytes that move between GPUs with each layer of the file and, last, with the output.
std::vector<Bytes> bytes_of_layers(const Architecture& architecture, const Weights& weights,
                                   const ContextParams& params, std::uint64_t tokens,
                                   const Placement& placement, KnownPlacements& known);

}  // namespace vramcalc::llama_cpp
