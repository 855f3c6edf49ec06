#include "runtime/llama_cpp/older_builds.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace vramcalc::llama_cpp {
namespace {

Bytes logits_of_all_tokens(const Architecture& architecture, const GraphSettings& settings) {
  if (!architecture.has_output || !architecture.graph.computes_logits) return {};
  return Bytes(checked_multiply(4 * std::uint64_t{settings.ubatch},
                                architecture.vocab_size + architecture.hidden_size));
}

// The f16 copies of a quantized cache came later than the f16 mask, so that this says nothing about the sum.
Bytes wider_mask(const GraphSettings& settings) {
  const bool copies = settings.cache_type_k != ElementType::f16 || settings.cache_type_v != ElementType::f16;
  if (!settings.flash_attention || copies || !settings.cache_on_device) return {};
  return Bytes(checked_multiply(4 * std::uint64_t{settings.ubatch}, settings.cells + settings.window_cells));
}

}  // namespace

Bytes more_in_older_builds(const Architecture& architecture, const GraphSettings& settings, Bytes now) {
  if (!architecture.causal) return {};
  const Bytes older = std::max(logits_of_all_tokens(architecture, settings), now + wider_mask(settings));
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
