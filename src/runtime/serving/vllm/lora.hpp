#pragma once

#include <vector>

#include "runtime/serving/vllm/settings.hpp"
#include "vramcalc/bytes.hpp"

namespace vramcalc::vllm {

// The memory that --enable-lora reserves on a rank of each pipeline stage: for every linear layer two
// matrices of 16 bits per adapter, of the largest rank (vllm/lora/layers/). Empty without the flag.
std::vector<Bytes> lora_slots(const Architecture& architecture, const Settings& settings,
                              const Options& options);

}  // namespace vramcalc::vllm
