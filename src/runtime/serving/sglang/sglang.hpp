#pragma once

#include "vramcalc/runtime.hpp"

namespace vramcalc::sglang {

Runtime runtime();

}  // namespace vramcalc::sglang
