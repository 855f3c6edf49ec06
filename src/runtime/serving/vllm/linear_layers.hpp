#pragma once

#include "vramcalc/role.hpp"

namespace vramcalc::vllm {

// Whether the role's weight is a linear layer inside the model's layers, which vLLM can quantize while it
// loads and LoRA can adapt; embeddings, the head, routers and vectors are not.
bool is_linear_layer(Role role);

}  // namespace vramcalc::vllm
