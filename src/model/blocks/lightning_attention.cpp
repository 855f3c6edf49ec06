#include "model/blocks/blocks.hpp"

namespace vramcalc {

void append(TensorList& list, const BlockContext& context, const LightningAttention& attention) {
  const std::uint64_t width = times(attention.heads, attention.head_dim);
  list.linear(Role::qkv, context.hidden_size, times(3, width));
  list.norm(Role::attn_norm_2, NormKind::rms, width);
  list.linear(Role::attn_gate, context.hidden_size, width);
  list.linear(Role::o, width, context.hidden_size);
}

}  // namespace vramcalc
