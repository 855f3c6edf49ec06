#pragma once

#include <cstdint>

// How a serving engine spreads one model over GPUs, which it calls ranks.
namespace vramcalc::serving {

struct Parallel {
  std::uint32_t tensor = 1;
  std::uint32_t pipeline = 1;
  std::uint32_t data = 1;            // copies of attention, each with its own cache
  std::uint32_t decode_context = 1;  // ranks that share the tokens of one sequence; part of `tensor`
  bool experts = false;              // whole experts per rank instead of slices of each

  std::uint32_t ranks() const { return tensor * pipeline * data; }
  friend bool operator==(const Parallel&, const Parallel&) = default;
};

}  // namespace vramcalc::serving
