#include "runtime/short_rules/rule.hpp"

#include <algorithm>

namespace vramcalc::short_rules {
namespace {

std::uint64_t feed_forward_values(const Block& block, std::uint64_t hidden_size) {
  if (const auto* dense = std::get_if<DenseFeedForward>(&block.feed_forward))
    return 3 * std::uint64_t{dense->width};
  if (const auto* mixture = std::get_if<MixtureOfExperts>(&block.feed_forward))
    return mixture->experts_used * (2 * std::uint64_t{mixture->width} + hidden_size);
  return 0;
}

}  // namespace

Amount within(Bytes best, std::uint64_t low_percent, std::uint64_t high_percent) {
  const auto percent = [&](std::uint64_t share) {
    return Bytes(checked_multiply(best.count(), share) / 100);
  };
  return {percent(low_percent), best, percent(high_percent)};
}

Bytes forward_pass(const Architecture& architecture, std::uint64_t tokens) {
  std::uint64_t widest = 0;
  for (const Block& block : architecture.blocks)
    widest = std::max(widest, feed_forward_values(block, architecture.hidden_size));
  return Bytes(
      checked_multiply(checked_multiply(tokens, 2), 4 * std::uint64_t{architecture.hidden_size} + widest));
}

Bytes logits(const Architecture& architecture) {
  return Bytes(4 * std::uint64_t{std::max(architecture.vocab_size, architecture.checkpoint_vocab_size)});
}

}  // namespace vramcalc::short_rules
