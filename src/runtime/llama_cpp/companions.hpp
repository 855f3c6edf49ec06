#pragma once

#include "vramcalc/companion.hpp"
#include "vramcalc/model.hpp"
#include "vramcalc/workload.hpp"

namespace vramcalc::llama_cpp {

// A projector lies on the first GPU, weights and graph (llama.cpp 0.5.0, tools/mtmd/clip.cpp). The graph is
// reserved for an image to warm up with and grows with the first larger one, so that its buffer is an
// interval.
Companion projector_companion(const Projector& projector, const Workload& workload);

// Each matrix of an adapter lies where the one does that it adapts (src/llama-adapter.cpp). Error (bad_value)
// where the model has no such tensor.
Companion adapter_companion(const Adapter& adapter, const Model& model, const Workload& workload);

}  // namespace vramcalc::llama_cpp
