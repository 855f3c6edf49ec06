#include <fmt/format.h>

#include "model/blocks/blocks.hpp"

namespace vramcalc {
namespace {

// Pools `ratio` tokens into one row; with ratio 4 over two overlapping windows, hence rows of twice the
// width.
void append_compressor(TensorList& list, std::string_view name, std::uint64_t hidden, std::uint64_t width,
                       std::uint32_t ratio) {
  const std::uint64_t pooled = times(ratio == 4 ? 2 : 1, width);
  list.linear(fmt::format("{}_kv", name), hidden, pooled);
  list.linear(fmt::format("{}_gate", name), hidden, pooled);
  list.add(fmt::format("{}_ape.weight", name), {pooled, ratio});
  list.norm(fmt::format("{}_norm.weight", name), NormKind::rms, width);
}

// Two low-rank steps, the first in groups of heads.
void append_output(TensorList& list, std::uint64_t hidden, const CompressedAttention& attention) {
  const std::uint64_t grouped = times(attention.heads, attention.head_dim) / attention.o_groups;
  list.add("attn_output_a.weight", {grouped, attention.o_lora_rank, attention.o_groups});
  list.linear("attn_output_b", times(attention.o_groups, attention.o_lora_rank), hidden);
}

}  // namespace

void append(TensorList& list, const BlockContext& context, const CompressedAttention& attention) {
  const std::uint64_t hidden = context.hidden_size;
  list.add("attn_sinks.weight", {attention.heads});
  list.linear("attn_q_a", hidden, attention.q_lora_rank);
  list.norm("attn_q_a_norm.weight", NormKind::rms, attention.q_lora_rank);
  list.linear("attn_q_b", attention.q_lora_rank, times(attention.heads, attention.head_dim));
  list.linear("attn_kv", hidden, attention.head_dim);
  list.norm("attn_kv_a_norm.weight", NormKind::rms, attention.head_dim);
  append_output(list, hidden, attention);
  if (attention.compress_ratio > 0)
    append_compressor(list, "attn_compressor", hidden, attention.head_dim, attention.compress_ratio);
  if (attention.indexer) {
    const Indexer& indexer = *attention.indexer;
    list.linear("indexer.proj", hidden, indexer.heads);
    list.linear("indexer.attn_q_b", attention.q_lora_rank, times(indexer.heads, indexer.key_length));
    append_compressor(list, "indexer_compressor", hidden, indexer.key_length, attention.compress_ratio);
  }
}

}  // namespace vramcalc
