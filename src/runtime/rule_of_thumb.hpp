#pragma once

#include "vramcalc/runtime.hpp"

namespace vramcalc::rule_of_thumb {

// The formula of model-card sites, as llmrun.dev's model pages apply it (figures of 58 stored pages,
// 2026-11): parameters × nominal bits / 8, a KV cache of 2 × layers × KV heads × (hidden size / heads) ×
// context × 2 bytes whatever the attention really is, and 0.3 GB on top. Here to be held against the truth,
// not to be trusted.
Runtime runtime();

}  // namespace vramcalc::rule_of_thumb
