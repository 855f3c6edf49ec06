#pragma once

#include "runtime/llama_cpp/companion.hpp"
#include "vramcalc/model.hpp"

namespace vramcalc::llama_cpp {

// Each pair of matrices of an adapter lies where the tensor does that it adapts; adapted norms are not loaded
// (llama.cpp 0.5.0, src/llama-adapter.cpp). What its products add to the graph is an interval. Error
// (bad_value), as there: another architecture, a pair without its other half, a tensor that the model has not
// or that has another shape.
Companion adapter_companion(const Adapter& adapter, const Model& model, const ContextParams& params);

}  // namespace vramcalc::llama_cpp
