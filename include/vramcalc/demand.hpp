#pragma once

#include <cstdint>

#include "vramcalc/explanation.hpp"

namespace vramcalc {

// The number of tokens that the cache must hold, as the runtime counts them: llama.cpp's slots share them.
struct Demand {
  std::uint64_t tokens = 0;
  Origin origin = Origin::runtime_default;  // flag if requested, shape if it is the model's own context
  // Requests that must have room at once, for a runtime that fills its memory with cache; 0: one of all
  // tokens.
  std::uint32_t requests = 0;
  std::uint64_t tokens_per_request = 0;
  friend bool operator==(const Demand&, const Demand&) = default;
};

}  // namespace vramcalc
