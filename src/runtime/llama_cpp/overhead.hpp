#pragma once

#include "vramcalc/estimate.hpp"
#include "vramcalc/machine.hpp"

namespace vramcalc::llama_cpp {

// What stays on each GPU on top of every buffer: the driver's context, and pools of the first decode.
Amount overhead_bytes(const TargetDevice& device);
Term overhead(const TargetDevice& device, Reasons reasons);

}  // namespace vramcalc::llama_cpp
