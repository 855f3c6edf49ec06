#pragma once

#include <cstdint>

#include "vramcalc/architecture.hpp"

// What a block caches, in elements. Every runtime stores them in types and pages of its own.
namespace vramcalc {

// One token in the cache of an attention layer.
struct TokenRow {
  std::uint64_t keys = 0;
  std::uint64_t values = 0;
  friend bool operator==(const TokenRow&, const TokenRow&) = default;
};

TokenRow token_row(const GroupedQueryAttention& attention);
TokenRow token_row(const LatentAttention& attention);  // absorbed: the latent row as keys, without values

// One sequence in a recurrent layer: the inputs that its convolution still needs, and the state itself.
struct SequenceState {
  std::uint64_t channels = 0;  // of the convolution
  std::uint64_t tail = 0;      // inputs per channel
  std::uint64_t recurrence = 0;

  std::uint64_t convolution() const { return channels * tail; }
  bool empty() const { return convolution() == 0 && recurrence == 0; }
  friend bool operator==(const SequenceState&, const SequenceState&) = default;
};

// Empty for layers that keep no state.
SequenceState sequence_state(const Attention& attention, std::uint32_t hidden_size);

// The grouped-query attention of a layer that has one, alone or next to other parts.
const GroupedQueryAttention* grouped_query_part(const Attention& attention);

}  // namespace vramcalc
