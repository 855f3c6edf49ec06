#include "model/blocks/blocks.hpp"

namespace vramcalc {
namespace {

void append_gate(TensorList& list, std::uint64_t hidden, const KimiDeltaAttention& attention,
                 std::uint64_t width) {
  if (attention.full_rank_gate) {
    list.linear("ssm_g", hidden, width);
    return;
  }
  list.linear("ssm_g_a", hidden, attention.head_dim);
  list.linear("ssm_g_b", attention.head_dim, width);
}

}  // namespace

void append(TensorList& list, const BlockContext& context, const KimiDeltaAttention& attention) {
  const std::uint64_t hidden = context.hidden_size;
  const std::uint64_t width = times(attention.heads, attention.head_dim);
  for (std::string_view part : {"attn_q", "attn_k", "attn_v"}) list.linear(part, hidden, width);
  for (std::string_view part : {"ssm_conv1d_q.weight", "ssm_conv1d_k.weight", "ssm_conv1d_v.weight"})
    list.add(part, {attention.conv_kernel, 1, width, 1});
  list.linear("ssm_f_a", hidden, attention.head_dim);
  list.linear("ssm_f_b", attention.head_dim, width);
  list.linear("ssm_beta", hidden, attention.heads);
  list.add("ssm_a", attention.padded_shapes ? Shape{1, attention.heads, 1, 1} : Shape{attention.heads});
  list.add("ssm_dt.bias", {width});
  append_gate(list, hidden, attention, width);
  list.norm("ssm_norm.weight", NormKind::rms, attention.head_dim);
  list.linear("attn_output", width, hidden);
}

}  // namespace vramcalc
