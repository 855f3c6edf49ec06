#pragma once

#include "vramcalc/estimate.hpp"
#include "vramcalc/machine.hpp"

namespace vramcalc::llama_cpp {

// Memory of each GPU besides all buffers: the driver's context and the pools of the first decode.
Amount overhead_bytes(const TargetDevice& device);
Term overhead(const TargetDevice& device, Reasons reasons);

}  // namespace vramcalc::llama_cpp
