#pragma once

#include <cstdint>

namespace vramcalc::llama_cpp {

// Whether a release has a rule. Unknown if it was named too coarsely to tell, like "2026-06".
enum class Applies : std::uint8_t { no, yes, unknown };

// The rules about memory that changed between releases. The defaults are those of llama-server 0.5.0.
struct ReleaseRules {
  // A row of logits is reserved for every token of a micro-batch, and not only for requested rows. Other
  // tools do so in every release.
  Applies all_logits = Applies::no;
  // The mask of flash attention comes from the host as f32, and devices convert it.
  Applies f32_mask = Applies::no;
  // llama-server starts with four slots and one cache for all, and not with a single slot.
  Applies four_slots = Applies::yes;
  // Latent attention stores the values that it could read from the keys, too.
  Applies latent_values = Applies::no;
  // The delta rule is one operation (Qwen3-Next, Qwen3.5, Kimi-Linear), and not a graph of many.
  Applies fused_delta_rule = Applies::yes;
  // Heads are rotated before they are quantized for the cache.
  Applies rotates_heads = Applies::yes;
  // Architectures with prediction layers compute the last layer for all tokens, and not for requested rows;
  // Qwen3.5 was the first.
  Applies late_rows_of_qwen35 = Applies::yes;
  Applies late_rows = Applies::yes;
  // There is room on the host for embeddings that the caller gives instead of tokens.
  Applies room_for_embeddings = Applies::yes;
  // The compute buffer has room for the f16 copies of a quantized cache that flash attention makes.
  Applies copies_cache_on_cuda = Applies::yes;
  Applies copies_cache_on_metal = Applies::yes;
  // CUDA keeps the experts' results until they are weighted and summed, and the operands of the choice of
  // experts until it is made, so that each is one operation.
  Applies fuses_sum_of_experts = Applies::yes;
  Applies fuses_choice_of_experts = Applies::yes;
  // The host has more inputs, for batches that mix tokens and embeddings. Newer than 0.5.0.
  Applies mixed_inputs = Applies::no;
  friend bool operator==(const ReleaseRules&, const ReleaseRules&) = default;
};

// The rules about a draft model (-md) that changed between releases.
struct DraftingRules {
  // A draft model drafts without --spec-type, too.
  Applies drafts_without_type = Applies::no;
  // All slots share one draft context, and each has none of its own.
  Applies shares_draft_context = Applies::yes;
  // Heads draft: EAGLE-3, DFlash.
  Applies has_heads = Applies::yes;
  friend bool operator==(const DraftingRules&, const DraftingRules&) = default;
};

}  // namespace vramcalc::llama_cpp
