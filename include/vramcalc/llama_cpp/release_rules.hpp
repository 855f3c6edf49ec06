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
  // There is room on the host for embeddings that the caller gives instead of tokens.
  Applies room_for_embeddings = Applies::yes;
  // The compute buffer has room for the f16 copies of a quantized cache that flash attention makes.
  Applies copies_cache_on_cuda = Applies::yes;
  Applies copies_cache_on_metal = Applies::yes;
  friend bool operator==(const ReleaseRules&, const ReleaseRules&) = default;
};

}  // namespace vramcalc::llama_cpp
