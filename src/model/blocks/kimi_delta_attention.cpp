#include "model/blocks/blocks.hpp"

namespace vramcalc {
namespace {

void append_gate(TensorList& list, std::uint64_t hidden, const KimiDeltaAttention& attention,
                 std::uint64_t width) {
  if (attention.full_rank_gate) {
    list.linear(Role::ssm_g, hidden, width);
    return;
  }
  list.linear(Role::ssm_g_a, hidden, attention.head_dim);
  list.linear(Role::ssm_g_b, attention.head_dim, width);
}

}  // namespace

void append(TensorList& list, const BlockContext& context, const KimiDeltaAttention& attention) {
  const std::uint64_t hidden = context.hidden_size;
  const std::uint64_t width = times(attention.heads, attention.head_dim);
  for (const Role role : {Role::q, Role::k, Role::v}) list.linear(role, hidden, width);
  for (const Role role : {Role::ssm_conv1d_q, Role::ssm_conv1d_k, Role::ssm_conv1d_v})
    list.add(role, {attention.conv_kernel, 1, width, 1});
  list.linear(Role::ssm_f_a, hidden, attention.head_dim);
  list.linear(Role::ssm_f_b, attention.head_dim, width);
  list.linear(Role::ssm_beta, hidden, attention.heads);
  list.add({Role::ssm_a, Component::parameter},
           attention.padded_shapes ? Shape{1, attention.heads, 1, 1} : Shape{attention.heads});
  list.add({Role::ssm_dt, Component::bias}, {width});
  append_gate(list, hidden, attention, width);
  list.norm(Role::ssm_norm, NormKind::rms, attention.head_dim);
  list.linear(Role::o, width, hidden);
}

}  // namespace vramcalc
