#pragma once

#include <cstdint>

#include "vramcalc/explanation.hpp"

namespace vramcalc {

// How many tokens a cache must hold, as the runtime counts them: llama.cpp shares them among its slots.
struct Demand {
  std::uint64_t tokens = 0;
  Origin origin = Origin::runtime_default;  // flag: asked for; shape: the model's own context
  friend bool operator==(const Demand&, const Demand&) = default;
};

}  // namespace vramcalc
