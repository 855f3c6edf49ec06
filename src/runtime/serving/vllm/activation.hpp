#pragma once

#include "runtime/serving/vllm/settings.hpp"
#include "vramcalc/estimate.hpp"

namespace vramcalc::vllm {

// What PyTorch needs on top of the weights while vLLM profiles: one forward pass of max_num_batched_tokens
// and the sampling of max_num_seqs sequences, whichever takes more.
Amount activation_peak(const Settings& settings, const Options& options, const Architecture& architecture);

// The two, before the release's interval.
Bytes sampler_peak(const Settings& settings, const Architecture& architecture);
Bytes forward_peak(const Settings& settings, const Architecture& architecture);

}  // namespace vramcalc::vllm
