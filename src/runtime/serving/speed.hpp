#pragma once

#include <span>

#include "runtime/serving/engine.hpp"
#include "speed/work.hpp"
#include "vramcalc/checkpoint.hpp"
#include "vramcalc/session.hpp"

// What a token and a prompt take under an engine. Too few figures of these engines are public to fit
// anything, so their coefficients and ranges are by rule ("engines" in data/speeds.json).
namespace vramcalc::serving {

// The parts of the weights that estimates of speed tell apart.
void add_by_reading(WeightBytes& bytes, std::span<const CheckpointPart> parts,
                    const Architecture& architecture);

speed::Work work_of(const Architecture& architecture, const WeightBytes& weights, const Engine& engine,
                    std::uint64_t tokens, std::span<const Device> devices);

}  // namespace vramcalc::serving
