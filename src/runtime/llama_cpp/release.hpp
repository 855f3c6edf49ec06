#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "vramcalc/llama_cpp/release_rules.hpp"

namespace vramcalc::llama_cpp {

// The rules of llama-server of a release: a build (b9010), a version (0.4.2, 0.4.x), a date (2026-05,
// 2026-05-31) or empty for 0.5.0. Error (bad_value) for anything else and for releases with unknown rules.
ReleaseRules release_rules(std::string_view release);

// The first and the last build that a program may hold, the same if it is known.
struct Builds {
  std::uint32_t first = 0, last = 0;
  friend bool operator==(const Builds&, const Builds&) = default;
};
ReleaseRules release_rules(const Builds& builds);
ReleaseRules rules_of_any_release();

// The same for the rules about drafts.
DraftingRules drafting_rules(std::string_view release);
DraftingRules drafting_rules(const Builds& builds);

// Of a program that reserves rows of logits for requested tokens, as its release does, or for all.
ReleaseRules with_logits(ReleaseRules rules, bool all);

// The rules that a release may have, with none of them unknown: the oldest first, and the most probable last.
std::vector<ReleaseRules> possible_rules(const ReleaseRules& rules);

}  // namespace vramcalc::llama_cpp
