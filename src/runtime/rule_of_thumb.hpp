#pragma once

#include "vramcalc/runtime.hpp"

namespace vramcalc::rule_of_thumb {

// The formula of model-card sites, as applied by llmrun.dev's model pages (figures of 58 stored pages,
// 2026-11): parameters × nominal bits / 8, a KV cache of 2 × layers × KV heads × (hidden size / heads) ×
// context × 2 bytes for any kind of attention, and 0.3 GB on top. It serves only for comparison with the
// exact figures.
Runtime runtime();

}  // namespace vramcalc::rule_of_thumb
