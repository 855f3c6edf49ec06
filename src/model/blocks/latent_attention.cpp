#include "model/blocks/blocks.hpp"

namespace vramcalc {
namespace {

void append_query(TensorList& list, std::uint64_t hidden, const LatentAttention& attention) {
  const std::uint64_t head = checked_add(attention.qk_nope_head_dim, attention.qk_rope_head_dim);
  const std::uint64_t q = times(attention.heads, head);
  if (attention.q_lora_rank == 0) {
    list.linear(Role::q, hidden, q);
    return;
  }
  list.linear(Role::q_a, hidden, attention.q_lora_rank);
  list.norm(Role::q_a_norm, NormKind::rms, attention.q_lora_rank);
  list.linear(Role::q_b, attention.q_lora_rank, q);
}

// The converter splits kv_b into its K and V halves and transposes the first, so attention runs on the latent
// itself; MiniCPM3 keeps kv_b whole.
void append_key_value(TensorList& list, std::uint64_t hidden, const LatentAttention& attention) {
  const std::uint64_t latent = attention.kv_lora_rank;
  list.linear(Role::kv_a, hidden, checked_add(latent, attention.qk_rope_head_dim));
  list.norm(Role::kv_a_norm, NormKind::rms, latent);
  if (attention.absorbed && list.form() == Form::gguf) {
    list.add(Role::k_b, {attention.qk_nope_head_dim, latent, attention.heads});
    list.add(Role::v_b, {latent, attention.v_head_dim, attention.heads});
  } else {
    const std::uint64_t head = checked_add(attention.qk_nope_head_dim, attention.v_head_dim);
    list.linear(Role::kv_b, latent, times(attention.heads, head));
  }
}

void append_indexer(TensorList& list, std::uint64_t hidden, std::uint64_t q_lora_rank,
                    const Indexer& indexer) {
  list.linear(Role::indexer_q_b, q_lora_rank, times(indexer.heads, indexer.key_length));
  list.linear(Role::indexer_k, hidden, indexer.key_length);
  list.norm(Role::indexer_k_norm, NormKind::layer, indexer.key_length);
  list.linear(Role::indexer_proj, hidden, indexer.heads);
}

}  // namespace

void append(TensorList& list, const BlockContext& context, const LatentAttention& attention) {
  const std::uint64_t output = times(attention.heads, attention.v_head_dim);
  append_query(list, context.hidden_size, attention);
  append_key_value(list, context.hidden_size, attention);
  list.linear(Role::o, output, context.hidden_size);
  if (attention.output_gate) list.linear(Role::attn_gate, context.hidden_size, output);
  if (attention.indexer) append_indexer(list, context.hidden_size, attention.q_lora_rank, *attention.indexer);
}

}  // namespace vramcalc
