#include "model/blocks/blocks.hpp"

namespace vramcalc {
namespace {

struct Compressor {
  Role kv, gate, ape, norm;
};
constexpr Compressor of_attention{Role::compressor_kv, Role::compressor_gate, Role::compressor_ape,
                                  Role::compressor_norm};
constexpr Compressor of_indexer{Role::indexer_compressor_kv, Role::indexer_compressor_gate,
                                Role::indexer_compressor_ape, Role::indexer_compressor_norm};

// Pools `ratio` tokens into one row. With ratio 4 two windows overlap, so rows have twice the width.
void append_compressor(TensorList& list, const Compressor& compressor, std::uint64_t hidden,
                       std::uint64_t width, std::uint32_t ratio) {
  const std::uint64_t pooled = times(ratio == 4 ? 2 : 1, width);
  list.linear(compressor.kv, hidden, pooled);
  list.linear(compressor.gate, hidden, pooled);
  list.add(compressor.ape, {pooled, ratio});
  list.norm(compressor.norm, NormKind::rms, width);
}

// Two low-rank factors, the first separate for each group of heads.
void append_output(TensorList& list, std::uint64_t hidden, const CompressedAttention& attention) {
  const std::uint64_t grouped = times(attention.heads, attention.head_dim) / attention.o_groups;
  list.add(Role::o_a, {grouped, attention.o_lora_rank, attention.o_groups});
  list.linear(Role::o_b, times(attention.o_groups, attention.o_lora_rank), hidden);
}

}  // namespace

void append(TensorList& list, const BlockContext& context, const CompressedAttention& attention) {
  const std::uint64_t hidden = context.hidden_size;
  list.add(Role::attn_sinks, {attention.heads});
  list.linear(Role::q_a, hidden, attention.q_lora_rank);
  list.norm(Role::q_a_norm, NormKind::rms, attention.q_lora_rank);
  list.linear(Role::q_b, attention.q_lora_rank, times(attention.heads, attention.head_dim));
  list.linear(Role::kv, hidden, attention.head_dim);
  list.norm(Role::kv_a_norm, NormKind::rms, attention.head_dim);
  append_output(list, hidden, attention);
  if (attention.compress_ratio > 0)
    append_compressor(list, of_attention, hidden, attention.head_dim, attention.compress_ratio);
  if (attention.indexer) {
    const Indexer& indexer = *attention.indexer;
    list.linear(Role::indexer_proj, hidden, indexer.heads);
    list.linear(Role::indexer_q_b, attention.q_lora_rank, times(indexer.heads, indexer.key_length));
    append_compressor(list, of_indexer, hidden, indexer.key_length, attention.compress_ratio);
  }
}

}  // namespace vramcalc
