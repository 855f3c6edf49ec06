#pragma once

#include "vramcalc/runtime.hpp"

namespace vramcalc::vllm {

Runtime runtime();

}  // namespace vramcalc::vllm
