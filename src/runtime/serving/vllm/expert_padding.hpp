#pragma once

#include "runtime/serving/vllm/settings.hpp"
#include "vramcalc/bytes.hpp"

namespace vramcalc::vllm {

// What gpt-oss' experts grow by when they are laid out for the GPU's MXFP4 kernel, given their bytes on a
// rank (vllm/model_executor/layers/quantization/mxfp4.py).
Bytes expert_padding(const Architecture& architecture, const Settings& settings, const TargetDevice& device,
                     Bytes experts);

}  // namespace vramcalc::vllm
