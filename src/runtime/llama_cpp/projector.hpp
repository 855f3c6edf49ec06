#pragma once

#include "runtime/llama_cpp/companion.hpp"

namespace vramcalc::llama_cpp {

// A projector lies on the first GPU, weights and graph (llama.cpp 0.5.0, tools/mtmd/clip.cpp). The graph is
// reserved for an image to warm up with and grows with the first larger one, so that its buffer is an
// interval.
Companion projector_companion(const Projector& projector, const ContextParams& params);

}  // namespace vramcalc::llama_cpp
