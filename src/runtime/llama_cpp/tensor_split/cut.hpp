#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace vramcalc::llama_cpp::tensor_split {

// A part of the dimension, which may follow itself several times, and the step that cuts are rounded to.
struct Segment {
  std::uint64_t elements = 0;
  std::uint64_t step = 1;
  std::uint64_t repeats = 1;
};

// Nothing is cut if there are no segments: every GPU has the whole.
struct Cut {
  std::size_t dimension = 0;
  std::vector<Segment> segments = {};
  std::size_t rotation = 0;
};

using Lengths = std::vector<std::uint64_t>;  // of each GPU

// As llama.cpp rounds, in single precision if there are shares.
Lengths lengths(const Cut& cut, const std::vector<float>& shares, std::size_t gpus);

}  // namespace vramcalc::llama_cpp::tensor_split
