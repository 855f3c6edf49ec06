#pragma once

#include <string_view>
#include <utility>
#include <vector>

#include "runtime/llama_cpp/growth.hpp"
#include "vramcalc/session.hpp"

namespace vramcalc {

// Precomputed figures of a model under llama.cpp's defaults.
struct Precomputed {
  std::vector<std::pair<std::string_view, WeightBytes>> weights;  // by name of the file type
  std::vector<std::pair<std::string_view, OtherFiles>> others;    // of the same file types, if they differ
  std::vector<llama_cpp::EvenGrowth> growths;                     // up to the longest known context
  std::vector<llama_cpp::BoundedGrowth> bounded_growths;          // the same for other backends
  bool flash_attention = true;                                    // the result of "auto"
};

}  // namespace vramcalc
