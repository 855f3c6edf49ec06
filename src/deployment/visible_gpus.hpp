#pragma once

#include <string_view>

#include "vramcalc/deployment.hpp"

namespace vramcalc::deployment {

// Docker's --gpus: "all", "2", "device=0,2", with quotes of their own or without.
GpuRequest requested_gpus(const Word& value);

// What CUDA_VISIBLE_DEVICES and its like leave of the GPUs of a launch. Indices count among those.
void apply_visible_gpus(Launch& launch);

}  // namespace vramcalc::deployment
