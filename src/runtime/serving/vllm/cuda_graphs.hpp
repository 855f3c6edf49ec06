#pragma once

#include "runtime/serving/vllm/settings.hpp"
#include "vramcalc/estimate.hpp"

namespace vramcalc::vllm {

// The memory pool of the captured CUDA graphs. It grows with the number of captured sizes, and logs of equal
// settings differ much (87 logs of 0.8 to 0.31; 79 of them are inside).
Amount cuda_graphs(const Settings& settings, const Architecture& architecture);

// vLLM's own estimate of it, which releases from 0.20 on take off the cache; made from the first graphs
// alone.
Amount graph_estimate(const Settings& settings, const Architecture& architecture);

}  // namespace vramcalc::vllm
