#pragma once

#include <span>
#include <vector>

#include "vramcalc/placement.hpp"
#include "vramcalc/runtime.hpp"

namespace vramcalc::llama_cpp {

// The terms of every GPU and of the host, overhead aside, with the parts of the model where `placement` puts
// them.
std::vector<PlaceEstimate> place(const Model& model, const TypedTensors& tensors, const Workload& workload,
                                  const Placement& placement, Reasons reasons, Buffers buffers,
                                  KnownPlacements& known);

// Of this what moves with each layer of the file and, last, with the output, from one GPU to another.
std::vector<Bytes> bytes_of_layers(const Model& model, const TypedTensors& tensors, const Workload& workload,
                                   const Placement& placement, KnownPlacements& known);

}  // namespace vramcalc::llama_cpp
