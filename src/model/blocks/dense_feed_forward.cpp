#include "model/blocks/blocks.hpp"

namespace vramcalc {

void append(TensorList& list, const BlockContext& context, const DenseFeedForward& dense) {
  const std::uint64_t up = dense.fused_gate_up ? times(2, dense.width) : dense.width;
  if (dense.gated && !dense.fused_gate_up)
    list.linear(Role::gate, context.hidden_size, dense.width, dense.bias);
  list.linear(Role::up, context.hidden_size, up, dense.bias);
  list.linear(Role::down, dense.width, context.hidden_size, dense.bias);
}

}  // namespace vramcalc
