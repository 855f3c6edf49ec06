#pragma once

#include <cstdint>

#include "vramcalc/architecture.hpp"
#include "vramcalc/bytes.hpp"

// Caches in 16 bits, layer by layer.
namespace vramcalc::short_rules {

struct CacheLayout {
  bool latent = true;             // MLA keeps its latent row; otherwise K and V of every head
  std::uint64_t step = 1;         // tokens are rounded up to a multiple
  std::uint64_t window_less = 0;  // window layers keep this many tokens less than the window
  std::uint64_t copies = 1;       // ranks: MLA is copied to all, and heads so that each has one
};

struct LayerCaches {
  Bytes all;              // tokens of all layers
  Bytes largest;          // of one layer
  Bytes windows_in_full;  // what the window layers would take in addition if they kept every token
  Bytes states;           // of recurrent layers, with their recurrence in 32 bits
  Bytes states_in_16_bits;
};

LayerCaches layer_caches(const Architecture& architecture, std::uint64_t tokens, const CacheLayout& layout);

}  // namespace vramcalc::short_rules
