#include "model/blocks/blocks.hpp"

namespace vramcalc {

void append(TensorList& list, const BlockContext& context, const GatedDeltaNet& net) {
  const std::uint64_t hidden = context.hidden_size;
  const std::uint64_t keys = times(net.key_heads, net.key_head_dim);
  const std::uint64_t values = times(net.value_heads, net.value_head_dim);
  const std::uint64_t qkv = checked_add(times(2, keys), values);
  list.linear(Role::qkv, hidden, qkv);
  list.linear(Role::attn_gate, hidden, values);
  list.add(Role::ssm_conv1d, {net.conv_kernel, qkv});
  list.add({Role::ssm_dt, Component::bias}, {net.value_heads});
  list.add({Role::ssm_a, Component::parameter}, {net.value_heads});
  if (net.fused_beta_alpha) {
    list.linear(Role::ssm_ba, hidden, times(2, net.value_heads));
  } else {
    list.linear(Role::ssm_beta, hidden, net.value_heads);
    list.linear(Role::ssm_alpha, hidden, net.value_heads);
  }
  list.norm(Role::ssm_norm, NormKind::rms, net.value_head_dim);
  list.linear(Role::ssm_out, values, hidden);
}

}  // namespace vramcalc
