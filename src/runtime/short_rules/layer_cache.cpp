#include "runtime/short_rules/layer_cache.hpp"

#include <algorithm>

#include "model/cache_rows.hpp"

namespace vramcalc::short_rules {
namespace {

std::uint64_t values(const TokenRow& row) { return row.keys + row.values; }

std::uint64_t grouped_row(GroupedQueryAttention attention, const CacheLayout& layout) {
  if (attention.reuses_cache_of || attention.kv_heads == 0) return 0;
  attention.kv_heads = std::max<std::uint32_t>(attention.kv_heads, static_cast<std::uint32_t>(layout.copies));
  return values(token_row(attention));
}

std::uint64_t latent_row(LatentAttention attention, const CacheLayout& layout) {
  if (!layout.latent) attention.absorbed = false;
  std::uint64_t row = values(token_row(attention));
  if (!attention.absorbed) return row;
  if (attention.indexer) row += attention.indexer->key_length;
  return row * layout.copies;
}

// V4 keeps a window of entries, and one entry for as many tokens as it compresses.
std::uint64_t compressed_values(const CompressedAttention& attention, std::uint64_t tokens) {
  const std::uint64_t entries = attention.compress_ratio == 0 ? 0 : tokens / attention.compress_ratio;
  const std::uint64_t index = attention.indexer ? attention.indexer->key_length : 0;
  return (std::min<std::uint64_t>(tokens, attention.window) + entries) * attention.head_dim + entries * index;
}

// Values of one layer that keeps `tokens` tokens.
std::uint64_t values_of(const Attention& attention, std::uint64_t tokens, const CacheLayout& layout) {
  if (const auto* latent = std::get_if<LatentAttention>(&attention))
    return checked_multiply(latent_row(*latent, layout), tokens);
  if (const auto* compressed = std::get_if<CompressedAttention>(&attention))
    return compressed_values(*compressed, tokens);
  if (const auto* cross = std::get_if<CrossAttention>(&attention))
    return checked_multiply(grouped_row(cross->attention, layout), tokens);
  const GroupedQueryAttention* grouped = grouped_query_part(attention);
  return grouped == nullptr ? 0 : checked_multiply(grouped_row(*grouped, layout), tokens);
}

std::uint64_t kept_tokens(const Attention& attention, std::uint64_t tokens, const CacheLayout& layout) {
  const GroupedQueryAttention* grouped = grouped_query_part(attention);
  if (grouped == nullptr || !grouped->window) return tokens;
  return std::min(
      tokens, grouped->window->tokens - std::min<std::uint64_t>(layout.window_less, grouped->window->tokens));
}

}  // namespace

LayerCaches layer_caches(const Architecture& architecture, std::uint64_t tokens, const CacheLayout& layout) {
  LayerCaches caches;
  if (!architecture.causal) return caches;
  const std::uint64_t all = round_up(tokens, layout.step);
  for (const Block& block : architecture.blocks) {
    if (block.mtp) continue;
    const std::uint64_t kept = round_up(kept_tokens(block.attention, tokens, layout), layout.step);
    const Bytes bytes(checked_multiply(2, values_of(block.attention, kept, layout)));
    const Bytes in_full(checked_multiply(2, values_of(block.attention, all, layout)));
    caches.all += bytes;
    caches.largest = std::max(caches.largest, bytes);
    caches.windows_in_full += in_full - std::min(in_full, bytes);
    const SequenceState state = sequence_state(block.attention, architecture.hidden_size);
    caches.states += Bytes(state.convolution() * 2 + state.recurrence * 4);
    caches.states_in_16_bits += Bytes((state.convolution() + state.recurrence) * 2);
  }
  return caches;
}

}  // namespace vramcalc::short_rules
