#pragma once

#include <cstdint>

#include "vramcalc/amount.hpp"
#include "vramcalc/architecture.hpp"

namespace vramcalc::serving {

// The weights of an EAGLE head on one rank. Its checkpoint is not read, so this is an interval: one layer as
// wide as the target's with a dense feed-forward part, and the matrix that joins the hidden states. At most
// it has an embedding and an output of its own (vllm/model_executor/models/llama_eagle.py, llama_eagle3.py).
Amount eagle_head(const Architecture& target, std::uint32_t tensor_parallel);

}  // namespace vramcalc::serving
