#pragma once

#include <cstdint>

#include "vramcalc/architecture.hpp"
#include "vramcalc/bytes.hpp"
#include "vramcalc/role.hpp"
#include "vramcalc/serving/parallel.hpp"

// How vLLM and SGLang spread a tensor over the ranks of one pipeline stage. The classes are those of their
// layers: ColumnParallelLinear, RowParallelLinear, QKVParallelLinear, VocabParallelEmbedding, FusedMoE and
// ReplicatedLinear (vllm/model_executor/layers/).
namespace vramcalc::serving {

enum class Sharding : std::uint8_t {
  replicated,  // whole on every rank: norms, routers, low-rank projections before their norm, indexers
  columns,     // outputs are split; so is the bias
  rows,        // inputs are split; the bias is whole
  kv_heads,    // whole heads, replicated if there are fewer than ranks
  fused_qkv,   // Q by heads, K and V as kv_heads
  mamba2,      // heads are split, groups of B and C replicated if the ranks do not divide them
  vocabulary,  // rows padded to a multiple of 64, then split
  experts,     // a slice of every expert, or with expert parallelism whole experts
};

// The rule for the role's weight. K and V of an attention without groups, and fused projections of recurrent
// layers, are split by columns instead.
Sharding sharding_of(Role role, const Attention& attention);

// A fraction of a tensor; above one if padding makes it larger.
struct Share {
  std::uint64_t numerator = 1, denominator = 1;
  Bytes of(Bytes whole) const;  // rounded up
  friend bool operator==(const Share&, const Share&) = default;
};

// What one rank holds of a tensor. The block is null outside the layers.
Share share_of(TensorKind kind, const Block* block, const Architecture& architecture,
               const Parallel& parallel);

inline constexpr std::uint64_t vocabulary_padding = 64;  // DEFAULT_VOCAB_PADDING_SIZE

// The grouped-query attention in a block's attention part, or null.
const GroupedQueryAttention* grouped_query(const Attention& attention);

}  // namespace vramcalc::serving
