#pragma once

#include "vramcalc/architecture.hpp"
#include "vramcalc/llama_cpp/placement.hpp"

namespace vramcalc::llama_cpp::tensor_split {

// Error (bad_value) for models that llama.cpp refuses to split by tensors; Error (unsupported) for those
// whose slices are not calculated.
void require_sliceable(const Architecture& architecture, const Placement& placement);

}  // namespace vramcalc::llama_cpp::tensor_split
