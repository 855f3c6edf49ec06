#pragma once

#include "runtime/serving/vllm/settings.hpp"
#include "vramcalc/estimate.hpp"

namespace vramcalc::vllm {

// What stays allocated on a rank outside PyTorch: NCCL and the workspaces of libraries. From 0.26.1 the
// budget counts everything that stays, so it holds more.
Amount non_torch(const Settings& settings, const TargetDevice& device);

// The CUDA context and NCCL's first buffers, which exist before vLLM looks at the memory.
Amount before_start(const Settings& settings);

}  // namespace vramcalc::vllm
