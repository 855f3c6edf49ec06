#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "vramcalc/architecture.hpp"
#include "vramcalc/bytes.hpp"
#include "vramcalc/role.hpp"

namespace vramcalc {

// The matrices of a model that quantizers treat alike.
enum class PackedPart : std::uint8_t {
  attention,
  attention_output,
  indexer,           // of sparse attention
  linear_attention,  // of Gated DeltaNet, Kimi Delta Attention, Mamba and short convolutions
  feed_forward,
  experts,
  shared_experts,
  router,
  embedding,
  output,
  other,  // all others of a layer
};
inline constexpr std::size_t packed_parts = 11;

std::string_view to_string(PackedPart part);  // "attention_output"
std::optional<PackedPart> packed_part_named(std::string_view name);

// The part of a tensor of that role; empty if it is no matrix of its own. Projections of linear attention
// have the roles of attention.
std::optional<PackedPart> packed_part_of(Role role);

class PartSet {
 public:
  constexpr PartSet() = default;
  constexpr PartSet(std::initializer_list<PackedPart> parts) {
    for (const PackedPart part : parts) add(part);
  }
  static constexpr PartSet of_bits(std::uint16_t bits) {
    PartSet set;
    set.bits_ = bits;
    return set;
  }

  constexpr void add(PackedPart part) { bits_ = static_cast<std::uint16_t>(bits_ | bit(part)); }
  constexpr void remove(PackedPart part) { bits_ = static_cast<std::uint16_t>(bits_ & ~bit(part)); }
  constexpr bool contains(PackedPart part) const { return (bits_ & bit(part)) != 0; }
  constexpr bool empty() const { return bits_ == 0; }
  constexpr std::uint16_t bits() const { return bits_; }

  friend constexpr bool operator==(PartSet, PartSet) = default;

 private:
  static constexpr unsigned bit(PackedPart part) { return 1u << static_cast<unsigned>(part); }
  std::uint16_t bits_ = 0;
};

// How the quantized matrices of some parts are stored (FP8, NVFP4, MXFP4, AWQ, GPTQ, compressed-tensors). A
// matrix is a linear layer of the model; each expert has three.
struct PackedLayout {
  PartSet parts;

  std::uint32_t value_bits = 16;
  std::uint32_t value_hundredths = 0;    // of a bit in addition (EXL2: 4.65 bits)
  std::uint32_t values_per_element = 1;  // per element that the page counts (NVFP4: two values per U8)
  std::uint32_t word_bytes = 0;          // if the page counts words (MLX), their size; otherwise 0

  // The rows (outputs) and columns (inputs) that share a scale; 0 for all of the matrix.
  std::uint32_t scale_rows = 0;
  std::uint32_t scale_columns = 0;
  std::uint32_t scale_bytes = 0;      // 0 if there are no scales
  bool scales_counted = true;         // in the element count of the repository's page
  std::uint32_t zero_point_bits = 0;  // per scale, and counted in the same way

  // Additional data per matrix: other scales, a stored shape, a zero bias and a group index (GPTQ).
  std::uint32_t matrix_bytes = 0;
  std::uint32_t matrix_elements = 0;  // the part of it that the page counts
  std::uint32_t output_bytes = 0;
  std::uint32_t input_bytes = 0;

  friend bool operator==(const PackedLayout&, const PackedLayout&) = default;
};

// How a checkpoint stores its matrices. What no layout names has 16 bits per value.
struct Packing {
  PackedLayout layout;
  std::array<PackedLayout, 2> others;  // of further parts, in mixed formats; unused ones name no parts
  bool prediction_layers = false;      // also those of the multi-token-prediction layers
  bool trunk_only = false;             // prediction layers and a second copy of the head are dropped
  std::uint32_t plain_bytes = 2;       // per value that is not quantized
  std::uint32_t plain_first_layers = 0, plain_last_layers = 0;  // of the trunk, in 16 bits

  friend bool operator==(const Packing&, const Packing&) = default;
};

// The two ends of what publishers do under the name of one format.
struct PackingRange {
  Packing least, most;
  std::string least_name, most_name;  // "every linear layer", "only the experts"
  friend bool operator==(const PackingRange&, const PackingRange&) = default;
};

struct PackedSize {
  std::uint64_t elements = 0;  // as the repository's page counts them
  Bytes bytes;                 // of all tensors
  friend bool operator==(const PackedSize&, const PackedSize&) = default;
};

PackedSize packed_size(const Architecture&, const Packing&);

}  // namespace vramcalc
