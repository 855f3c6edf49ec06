#include "model/blocks/blocks.hpp"

namespace vramcalc {

void append(TensorList& list, const BlockContext& context, const GatedDeltaNet& net) {
  const std::uint64_t hidden = context.hidden_size;
  const std::uint64_t keys = times(net.key_heads, net.key_head_dim);
  const std::uint64_t values = times(net.value_heads, net.value_head_dim);
  const std::uint64_t qkv = checked_add(times(2, keys), values);
  list.linear("attn_qkv", hidden, qkv);
  list.linear("attn_gate", hidden, values);
  list.add("ssm_conv1d.weight", {net.conv_kernel, qkv});
  list.add("ssm_dt.bias", {net.value_heads});
  list.add("ssm_a", {net.value_heads});
  if (net.fused_beta_alpha) {
    list.linear("ssm_ba", hidden, times(2, net.value_heads));
  } else {
    list.linear("ssm_beta", hidden, net.value_heads);
    list.linear("ssm_alpha", hidden, net.value_heads);
  }
  list.norm("ssm_norm.weight", NormKind::rms, net.value_head_dim);
  list.linear("ssm_out", values, hidden);
}

}  // namespace vramcalc
