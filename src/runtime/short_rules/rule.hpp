#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "vramcalc/architecture.hpp"
#include "vramcalc/estimate.hpp"
#include "vramcalc/machine.hpp"

namespace vramcalc::short_rules {

// What a runtime by a short rule keeps in memory, as functions of the shape and the tokens of one sequence.
struct ShortRule {
  Amount (*kv_cache)(const Architecture& architecture, std::uint64_t tokens, const TargetDevice& device);
  Amount (*activations)(const Architecture& architecture, std::uint64_t tokens, const TargetDevice& device);
  // What it keeps free or allocates besides; `costs` has the other terms.
  struct Costs {
    Amount weights, kv_cache, activations;
  };
  Amount (*overhead)(const Costs& costs, const TargetDevice& device);
  std::string_view why_cache, why_activations, why_overhead;
  // What it runs on, in words; everything if the backends are empty.
  std::span<const Backend> backends = {};
  std::string_view hardware = {};  // "NVIDIA GPUs"
};

// The high bound of a term is this many per cent of its best.
Amount within(Bytes best, std::uint64_t low_percent, std::uint64_t high_percent);

// One chunk of tokens through the widest layer in 16 bits: four times the hidden size, and the feed-forward
// part's three matrices' outputs or those of the experts that a token uses.
Bytes forward_pass(const Architecture& architecture, std::uint64_t tokens);

// Logits of one position in 32 bits.
Bytes logits(const Architecture& architecture);

}  // namespace vramcalc::short_rules
