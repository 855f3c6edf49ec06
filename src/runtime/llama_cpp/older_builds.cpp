#include "runtime/llama_cpp/older_builds.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace vramcalc::llama_cpp {

Bytes logits_of_all_tokens(const Architecture& architecture, const GraphSettings& settings) {
  if (!architecture.has_output || !architecture.graph.computes_logits) return {};
  return Bytes(checked_multiply(4 * std::uint64_t{settings.ubatch},
                                architecture.vocab_size + architecture.hidden_size));
}

namespace {

bool attends_to_all_cells(const Block& block) {
  const auto* grouped = std::get_if<GroupedQueryAttention>(&block.attention);
  return grouped != nullptr ? !grouped->window : std::holds_alternative<LatentAttention>(block.attention);
}

// The mask as f32, and as f16 for flash attention.
Bytes both_masks(const Architecture& architecture, const GraphSettings& settings) {
  if (!settings.flash_attention || !settings.cache_on_device) return {};
  if (std::ranges::none_of(architecture.blocks, attends_to_all_cells)) return {};
  return Bytes(checked_multiply((4 + 2) * std::uint64_t{settings.ubatch}, settings.cells));
}

}  // namespace

Bytes more_in_older_builds(const Architecture& architecture, const GraphSettings& settings, Bytes now) {
  if (!architecture.causal) return {};
  const Bytes older =
      std::max(logits_of_all_tokens(architecture, settings), both_masks(architecture, settings));
  return older > now ? older - now : Bytes(0);
}

std::string note_on_older_builds(const Architecture& architecture, const GraphSettings& settings,
                                 const PlaceEstimate& gpu) {
  const Bytes more = more_in_older_builds(architecture, settings, gpu.term(TermKind::compute_buffer).best);
  if (more * 20 <= gpu.total().best) return {};
  return fmt::format(
      "builds of llama.cpp before June 2026 need at least {:.2f} GB more (--runtime llama.cpp@2026-05)",
      static_cast<double>(more.count()) / 1e9);
}

}  // namespace vramcalc::llama_cpp
