#pragma once

#include <string>

#include "vramcalc/llama_cpp/options.hpp"

namespace vramcalc::llama_cpp {

// "1 slot", "4 slots, one cache"
std::string slots_text(const ContextParams& params);

}  // namespace vramcalc::llama_cpp
