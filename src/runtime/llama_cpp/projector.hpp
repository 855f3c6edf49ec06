#pragma once

#include "runtime/llama_cpp/companion.hpp"

namespace vramcalc::llama_cpp {

// The weights and graph of a projector are on the first GPU (llama.cpp 0.5.0, tools/mtmd/clip.cpp). The graph
// is reserved for a warm-up image and grows with the first larger one, so its buffer is an interval.
Companion projector_companion(const Projector& projector, const ContextParams& params);

}  // namespace vramcalc::llama_cpp
