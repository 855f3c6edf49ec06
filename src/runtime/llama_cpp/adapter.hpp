#pragma once

#include "runtime/llama_cpp/companion.hpp"
#include "vramcalc/model.hpp"

namespace vramcalc::llama_cpp {

// Each pair of matrices is on the device of the tensor that it adapts; adapted norms are not loaded
// (llama.cpp 0.5.0, src/llama-adapter.cpp). What the products add to the graph is an interval. As in
// llama.cpp, it is an Error (bad_value) if the architecture differs, a pair is incomplete, or a tensor is
// missing from the model or has another shape.
Companion adapter_companion(const Adapter& adapter, const Model& model, const ContextParams& params);

}  // namespace vramcalc::llama_cpp
