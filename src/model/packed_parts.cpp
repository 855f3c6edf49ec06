#include <algorithm>
#include <array>

#include "vramcalc/packing.hpp"

namespace vramcalc {
namespace {

constexpr std::array<std::string_view, packed_parts> names{
    "attention",      "attention_output", "indexer",   "linear_attention", "feed_forward", "experts",
    "shared_experts", "router",           "embedding", "output",           "other"};

}  // namespace

std::string_view to_string(PackedPart part) { return names[static_cast<std::size_t>(part)]; }

std::optional<PackedPart> packed_part_named(std::string_view name) {
  const auto found = std::ranges::find(names, name);
  if (found == names.end()) return std::nullopt;
  return static_cast<PackedPart>(found - names.begin());
}

}  // namespace vramcalc
