#include "model/blocks/blocks.hpp"

namespace vramcalc {

void append(TensorList& list, const BlockContext& context, const Mamba1& mamba) {
  list.linear(Role::ssm_in, context.hidden_size, times(2, mamba.inner));
  list.add(Role::ssm_conv1d, {mamba.conv_kernel, mamba.inner});
  list.add({Role::ssm_conv1d, Component::bias}, {mamba.inner});
  list.linear(Role::ssm_x, mamba.inner, checked_add(mamba.dt_rank, times(2, mamba.state)));
  list.linear(Role::ssm_dt, mamba.dt_rank, mamba.inner, true);
  if (mamba.inner_norms) {
    list.norm(Role::ssm_dt_norm, NormKind::rms, mamba.dt_rank);
    list.norm(Role::ssm_b_norm, NormKind::rms, mamba.state);
    list.norm(Role::ssm_c_norm, NormKind::rms, mamba.state);
  }
  list.add({Role::ssm_a, Component::parameter}, {mamba.state, mamba.inner});
  list.add({Role::ssm_d, Component::parameter}, {mamba.inner});
  list.linear(Role::ssm_out, mamba.inner, context.hidden_size);
}

void append(TensorList& list, const BlockContext& context, const Mamba2& mamba) {
  const std::uint64_t inner = times(mamba.heads, mamba.head_dim);
  const std::uint64_t convolved = checked_add(inner, times(2, times(mamba.groups, mamba.state)));
  list.linear(Role::ssm_in, context.hidden_size, checked_add(checked_add(inner, convolved), mamba.heads));
  list.add(Role::ssm_conv1d, {mamba.conv_kernel, convolved});
  if (mamba.conv_bias) list.add({Role::ssm_conv1d, Component::bias}, {convolved});
  list.add({Role::ssm_dt, Component::bias}, {mamba.heads});
  list.add({Role::ssm_a, Component::parameter}, {1, mamba.heads});
  list.add({Role::ssm_d, Component::parameter}, {1, mamba.heads});
  if (mamba.norm) list.add(Role::ssm_norm, {inner / mamba.groups, mamba.groups});
  list.linear(Role::ssm_out, inner, context.hidden_size);
}

void append(TensorList& list, const BlockContext& context, const ParallelMamba2Attention& both) {
  append(list, context, both.attention);
  append(list, context, both.mamba);
}

}  // namespace vramcalc
