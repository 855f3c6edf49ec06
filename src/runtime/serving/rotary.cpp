#include "runtime/serving/rotary.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <string_view>
#include <variant>

#include "runtime/serving/sharding.hpp"
#include "vramcalc/bytes.hpp"

namespace vramcalc::serving {
namespace {

// Models that rotate only part of a head (partial_rotary_factor, rotary_dim). Prefixes of model_type.
struct PartialRotary {
  std::string_view model_type;
  std::uint32_t divisor;
};
constexpr std::array partial_rotaries = {
    PartialRotary{"chatglm",    2},
    PartialRotary{"glm4",       2},
    PartialRotary{"gpt_neox",   4},
    PartialRotary{"minimax_m2", 2},
    PartialRotary{"nemotron",   2},
    PartialRotary{"qwen3_5",    4},
    PartialRotary{"qwen3_next", 4},
    PartialRotary{"stablelm",   4},
};

// Windowed layers have a rope of their own base.
constexpr std::array<std::string_view, 2> two_bases = {"gemma3", "gemma4"};

template <class Prefixes>
bool starts_with_any(std::string_view text, const Prefixes& prefixes) {
  return std::ranges::any_of(prefixes, [&](std::string_view prefix) { return text.starts_with(prefix); });
}

std::uint32_t rotary_divisor(std::string_view model_type) {
  for (const PartialRotary& row : partial_rotaries)
    if (model_type.starts_with(row.model_type)) return row.divisor;
  return 1;
}

// Two layers with equal keys share a table.
struct Rotary {
  std::uint32_t dimensions = 0;
  bool windowed = false;
  friend auto operator<=>(const Rotary&, const Rotary&) = default;
};

std::optional<Rotary> rotary_of(const Block& block, const Architecture& architecture) {
  if (const auto* latent = std::get_if<LatentAttention>(&block.attention))
    return latent->rope ? std::optional(Rotary{latent->qk_rope_head_dim}) : std::nullopt;
  if (const auto* compressed = std::get_if<CompressedAttention>(&block.attention))
    return Rotary{compressed->qk_rope_head_dim};
  const auto* grouped = grouped_query(block.attention);
  if (grouped == nullptr || !grouped->rope) return std::nullopt;
  return Rotary{grouped->key_length / rotary_divisor(architecture.model_type),
                grouped->window.has_value() && starts_with_any(architecture.model_type, two_bases)};
}

}  // namespace

std::uint64_t rotary_values(const Architecture& architecture) {
  std::set<Rotary> rotaries;
  for (const Block& block : architecture.blocks)
    if (const auto rotary = rotary_of(block, architecture)) rotaries.insert(*rotary);
  std::uint64_t dimensions = 0;
  for (const Rotary& rotary : rotaries) dimensions += rotary.dimensions;
  return checked_multiply(architecture.context_length, dimensions);
}

}  // namespace vramcalc::serving
