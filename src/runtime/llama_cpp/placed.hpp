#pragma once

#include <span>
#include <vector>

#include "vramcalc/placement.hpp"
#include "vramcalc/runtime.hpp"

namespace vramcalc::llama_cpp {

// The terms of every GPU and of the host, overhead aside, with the parts of the model where `placement` puts
// them.
std::vector<DeviceEstimate> place(const Model& model, const TypedTensors& tensors, const Workload& workload,
                                  const Placement& placement, Reasons reasons, Buffers buffers,
                                  KnownGraphs& known);

}  // namespace vramcalc::llama_cpp
