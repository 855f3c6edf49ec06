#pragma once

#include "runtime/measured.hpp"
#include "vramcalc/llama_cpp/options.hpp"

namespace vramcalc::measured {

// The settings of a measured case as a user would type them.
struct Start {
  llama_cpp::ContextParams params;
  std::uint64_t tokens = 4096;
};
Start start_of(const Case& measured);

}  // namespace vramcalc::measured
