#include "runtime/serving/eagle_head.hpp"

#include <algorithm>

#include "runtime/serving/sharding.hpp"

namespace vramcalc::serving {
namespace {

constexpr std::uint64_t sixteen_bits = 2;
constexpr std::uint64_t draft_vocabulary = 32000;  // of most EAGLE-3 heads

std::uint64_t attention_elements(const Architecture& target) {
  const std::uint64_t hidden = target.hidden_size;
  for (const Block& block : target.blocks)
    if (const auto* grouped = grouped_query(block.attention))
      return hidden * (2 * std::uint64_t{grouped->heads} * grouped->key_length +
                       std::uint64_t{grouped->kv_heads} * (grouped->key_length + grouped->value_length));
  return 4 * hidden * hidden;
}

// Heads of mixtures of experts have a dense part of a width that is not in the target's shape.
Amount feed_forward_widths(const Architecture& target) {
  for (const Block& block : target.blocks)
    if (const auto* dense = std::get_if<DenseFeedForward>(&block.feed_forward))
      return Amount::exactly(Bytes(dense->width));
  const std::uint64_t hidden = target.hidden_size;
  return {Bytes(hidden), Bytes(3 * hidden), Bytes(6 * hidden)};
}

}  // namespace

Amount eagle_head(const Architecture& target, std::uint32_t tensor_parallel) {
  const std::uint64_t hidden = target.hidden_size, attention = attention_elements(target);
  const Amount widths = feed_forward_widths(target);
  const auto layer = [&](Bytes width) { return attention + 3 * hidden * width.count(); };
  const std::uint64_t joined = 3 * hidden * hidden;  // whole on every rank
  const auto on_rank = [&](std::uint64_t split) {
    return Bytes((split + tensor_parallel - 1) / tensor_parallel * sixteen_bits);
  };
  const Bytes whole(joined * sixteen_bits);
  return {on_rank(layer(widths.low)), on_rank(layer(widths.best) + hidden * draft_vocabulary) + whole,
          on_rank(layer(widths.high) + attention +
                  2 * hidden * std::max<std::uint64_t>(target.vocab_size, draft_vocabulary)) +
              whole};
}

}  // namespace vramcalc::serving
