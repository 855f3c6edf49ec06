#pragma once

#include "vramcalc/runtime.hpp"

namespace vramcalc::llama_cpp {

// llama-server of llama.cpp 0.5.0 with a CUDA-like device: the row of the runtime table.
Runtime runtime();

}  // namespace vramcalc::llama_cpp
