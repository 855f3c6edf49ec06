#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "vramcalc/architecture.hpp"
#include "vramcalc/bytes.hpp"
#include "vramcalc/packing.hpp"
#include "vramcalc/role.hpp"

// A checkpoint as a serving engine loads it: what each layer stores for each kind of tensor. Experts of one
// layer are one part, and scales and zero points belong to the matrix that they scale.
namespace vramcalc {

struct CheckpointPart {
  TensorKind kind;
  std::int32_t layer = -1;     // counted from 0; -1 outside the layers
  std::uint64_t elements = 0;  // values, without scales
  Bytes bytes;
  bool packed = false;      // quantized
  bool prediction = false;  // of a multi-token-prediction layer
  bool tower = false;       // of a vision or audio tower, whose tensors have no kind
  friend bool operator==(const CheckpointPart&, const CheckpointPart&) = default;
};

// The parts of a checkpoint with this shape and layout, in the order of the tensors; towers come last.
std::vector<CheckpointPart> checkpoint_parts(const Architecture& architecture, const Packing& packing);

Bytes bytes_of(std::span<const CheckpointPart> parts);

}  // namespace vramcalc
