#include "model/blocks/blocks.hpp"

namespace vramcalc {

void append(TensorList& list, const BlockContext& context, const Mamba1& mamba) {
  list.linear("ssm_in", context.hidden_size, times(2, mamba.inner));
  list.add("ssm_conv1d.weight", {mamba.conv_kernel, mamba.inner});
  list.add("ssm_conv1d.bias", {mamba.inner});
  list.linear("ssm_x", mamba.inner, checked_add(mamba.dt_rank, times(2, mamba.state)));
  list.linear("ssm_dt", mamba.dt_rank, mamba.inner, true);
  if (mamba.inner_norms) {
    list.norm("ssm_dt_norm.weight", NormKind::rms, mamba.dt_rank);
    list.norm("ssm_b_norm.weight", NormKind::rms, mamba.state);
    list.norm("ssm_c_norm.weight", NormKind::rms, mamba.state);
  }
  list.add("ssm_a", {mamba.state, mamba.inner});
  list.add("ssm_d", {mamba.inner});
  list.linear("ssm_out", mamba.inner, context.hidden_size);
}

void append(TensorList& list, const BlockContext& context, const Mamba2& mamba) {
  const std::uint64_t inner = times(mamba.heads, mamba.head_dim);
  const std::uint64_t convolved = checked_add(inner, times(2, times(mamba.groups, mamba.state)));
  list.linear("ssm_in", context.hidden_size, checked_add(checked_add(inner, convolved), mamba.heads));
  list.add("ssm_conv1d.weight", {mamba.conv_kernel, convolved});
  if (mamba.conv_bias) list.add("ssm_conv1d.bias", {convolved});
  list.add("ssm_dt.bias", {mamba.heads});
  list.add("ssm_a", {1, mamba.heads});
  list.add("ssm_d", {1, mamba.heads});
  if (mamba.norm) list.add("ssm_norm.weight", {inner / mamba.groups, mamba.groups});
  list.linear("ssm_out", inner, context.hidden_size);
}

void append(TensorList& list, const BlockContext& context, const ParallelMamba2Attention& both) {
  append(list, context, both.attention);
  append(list, context, both.mamba);
}

}  // namespace vramcalc
