#pragma once

#include <string_view>
#include <utility>
#include <vector>

#include "runtime/llama_cpp/growth.hpp"
#include "vramcalc/session.hpp"

namespace vramcalc {

// What is known of a model under llama.cpp's defaults before it is asked about.
struct Precomputed {
  std::vector<std::pair<std::string_view, WeightBytes>> weights;   // by name of the file type
  std::vector<std::pair<std::string_view, OtherFiles>> others;     // of these, where there are any
  std::vector<llama_cpp::EvenGrowth> growths;             // as far as they are known
  std::vector<llama_cpp::BoundedGrowth> bounded_growths;        // likewise, of other backends
  bool flash_attention = true;                                     // what "auto" comes to
};

}  // namespace vramcalc
