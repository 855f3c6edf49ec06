#include "model/blocks/blocks.hpp"

namespace vramcalc {

void append(TensorList& list, const BlockContext& context, const LightningAttention& attention) {
  const std::uint64_t width = times(attention.heads, attention.head_dim);
  list.linear("attn_qkv", context.hidden_size, times(3, width));
  list.norm("attn_norm_2.weight", NormKind::rms, width);
  list.linear("attn_gate", context.hidden_size, width);
  list.linear("attn_output", width, context.hidden_size);
}

}  // namespace vramcalc
