#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "vramcalc/architecture.hpp"
#include "vramcalc/bytes.hpp"

namespace vramcalc {

// How a checkpoint stores the matrices that it quantizes (FP8, NVFP4, MXFP4, AWQ, GPTQ, compressed-tensors);
// the rest of it has 16 bits a value. A matrix is a linear layer of the model: each expert has three.
struct Packing {
  // Which matrices: attention, attention_output, indexer, feed_forward, experts, shared_experts; embedding,
  // output, router, and other for every other one of a layer.
  std::vector<std::string> parts;
  bool prediction_layers = false;  // those of the multi-token-prediction layers too
  bool trunk_only = false;         // neither prediction layers nor a head stored twice are kept

  std::uint32_t value_bits = 16;
  std::uint32_t router_bits = 0;         // of routers, 0: as the rest
  std::uint32_t values_per_element = 1;  // of what the repository's page counts (NVFP4: two values one U8)
  std::uint32_t word_bytes = 0;          // the page counts words of so many bytes (MLX), 0: as above

  // One scale for so many rows (outputs) and columns (inputs); 0: all of the matrix.
  std::uint32_t scale_rows = 0;
  std::uint32_t scale_columns = 0;
  std::uint32_t scale_bytes = 0;      // 0: no scales
  bool scales_counted = true;         // on the repository's page
  std::uint32_t zero_point_bits = 0;  // beside each scale, and counted as scales are

  // Beside each matrix: other scales, a stored shape; a bias of zeros and a group index (GPTQ).
  std::uint32_t matrix_bytes = 0;
  std::uint32_t matrix_elements = 0;  // of which the page counts
  std::uint32_t output_bytes = 0;
  std::uint32_t input_bytes = 0;

  friend bool operator==(const Packing&, const Packing&) = default;
};

struct PackedSize {
  std::uint64_t elements = 0;  // as the repository's page counts them
  Bytes bytes;                 // of all tensors
  friend bool operator==(const PackedSize&, const PackedSize&) = default;
};

PackedSize packed_size(const Architecture&, const Packing&);

}  // namespace vramcalc
