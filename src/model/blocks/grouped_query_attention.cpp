#include "model/blocks/blocks.hpp"

namespace vramcalc {
namespace {

struct Widths {
  std::uint64_t q, k, v, o;
};

Widths widths_of(const GroupedQueryAttention& attention) {
  const std::uint64_t q = times(attention.heads, attention.key_length);
  return {.q = attention.output_gate ? times(2, q) : q,
          .k = times(attention.kv_heads, attention.key_length),
          .v = attention.key_is_value ? 0 : times(attention.kv_heads, attention.value_length),
          .o = times(attention.heads, attention.value_length)};
}

void append_projections(TensorList& list, std::uint64_t hidden, const GroupedQueryAttention& attention) {
  const auto [q, k, v, o] = widths_of(attention);
  if (attention.fused_qkv) {
    list.linear(Role::qkv, hidden, checked_add(q, checked_add(k, v)), attention.qkv_bias);
  } else {
    list.linear(Role::q, hidden, q, attention.qkv_bias);
    list.linear(Role::k, hidden, k, attention.qkv_bias);
    if (v > 0) list.linear(Role::v, hidden, v, attention.qkv_bias);
  }
  list.linear(Role::o, o, hidden, attention.output_bias);
}

void append_qk_norms(TensorList& list, const GroupedQueryAttention& attention) {
  const std::uint64_t d = attention.key_length;
  const NormKind kind = attention.qk_norm_bias ? NormKind::layer : NormKind::rms;
  switch (attention.qk_norm) {
    case QkNorm::none: return;
    case QkNorm::per_head:
      list.norm(Role::q_norm, kind, d);
      list.norm(Role::k_norm, kind, d);
      return;
    case QkNorm::per_layer:
      list.norm(Role::q_norm, kind, times(attention.heads, d));
      list.norm(Role::k_norm, kind, times(attention.kv_heads, d));
      return;
    case QkNorm::per_head_layer_norm:
      list.add(Role::q_norm, {d, attention.heads});
      list.add(Role::k_norm, {d, attention.kv_heads});
      return;
  }
}

}  // namespace

void append(TensorList& list, const BlockContext& context, const GroupedQueryAttention& attention) {
  append_projections(list, context.hidden_size, attention);
  append_qk_norms(list, attention);
  if (attention.sinks) list.add(Role::attn_sinks, {attention.heads});
  if (attention.separate_gate)
    list.linear(Role::attn_gate, context.hidden_size, times(attention.heads, attention.key_length));
  if (attention.head_gate) list.linear(Role::attn_gate, context.hidden_size, attention.heads);
}

}  // namespace vramcalc
