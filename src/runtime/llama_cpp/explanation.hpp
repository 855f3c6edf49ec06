#pragma once

#include <span>

#include "vramcalc/explanation.hpp"
#include "vramcalc/runtime.hpp"

namespace vramcalc::llama_cpp {

// `workload` as it was asked for, `context` as it came out of that. The tensors and their types are those of
// the file.
Explanation explanation(TermKind kind, const Model& model, const Workload& workload, std::uint64_t context,
                        const TypedTensors& tensors);

}  // namespace vramcalc::llama_cpp
