#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "vramcalc/architecture.hpp"
#include "vramcalc/bytes.hpp"

namespace vramcalc {

// How a checkpoint stores its quantized matrices (FP8, NVFP4, MXFP4, AWQ, GPTQ, compressed-tensors); the rest
// has 16 bits per value. A matrix is a linear layer of the model; each expert has three.
struct Packing {
  // The quantized matrices: attention, attention_output, indexer, feed_forward, experts, shared_experts,
  // embedding, output, router, and other for all others of a layer.
  std::vector<std::string> parts;
  bool prediction_layers = false;  // also those of the multi-token-prediction layers
  bool trunk_only = false;         // prediction layers and a second copy of the head are dropped

  std::uint32_t value_bits = 16;
  std::uint32_t router_bits = 0;  // of routers; 0 if as the rest
  std::uint32_t values_per_element =
      1;                         // per element that the repository's page counts (NVFP4: two values per U8)
  std::uint32_t word_bytes = 0;  // if the page counts words (MLX), their size; otherwise 0

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

  friend bool operator==(const Packing&, const Packing&) = default;
};

struct PackedSize {
  std::uint64_t elements = 0;  // as the repository's page counts them
  Bytes bytes;                 // of all tensors
  friend bool operator==(const PackedSize&, const PackedSize&) = default;
};

PackedSize packed_size(const Architecture&, const Packing&);

}  // namespace vramcalc
