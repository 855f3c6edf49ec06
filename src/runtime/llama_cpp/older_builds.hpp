#pragma once

#include <string>

#include "runtime/llama_cpp/compute_buffer.hpp"
#include "vramcalc/estimate.hpp"

namespace vramcalc::llama_cpp {

// A row of logits for each token of a micro-batch, and the state that it is computed from.
Bytes logits_of_all_tokens(const Architecture& architecture, const GraphSettings& settings);

// How much more builds before June 2026 take at least of one GPU than `now`, the compute buffer of 0.5.0. It
// costs no graph: at one time the buffer holds the logits of all tokens and the state that they are computed
// from (pull request 23861), at another the mask as f32 and as f16 (23764).
Bytes more_in_older_builds(const Architecture& architecture, const GraphSettings& settings, Bytes now);

// The same in a sentence if it is more than a twentieth of what is on the GPU, else empty.
std::string note_on_older_builds(const Architecture& architecture, const GraphSettings& settings,
                                 const PlaceEstimate& gpu);

}  // namespace vramcalc::llama_cpp
