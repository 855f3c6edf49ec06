#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>

#include "vramcalc/element_type.hpp"
#include "vramcalc/role.hpp"

namespace vramcalc {

// Up to four dimensions in ggml's order, in which the first is the row length (ne0).
class Shape {
 public:
  Shape() = default;
  Shape(std::initializer_list<std::uint64_t> dimensions);

  std::uint8_t rank() const { return rank_; }
  std::uint64_t operator[](std::size_t dimension) const {
    return dimension < rank_ ? dimensions_[dimension] : 1;
  }
  std::uint64_t row() const { return dimensions_[0]; }
  std::uint64_t elements() const;  // checked product

  friend bool operator==(const Shape&, const Shape&) = default;

 private:
  std::array<std::uint64_t, 4> dimensions_{1, 1, 1, 1};
  std::uint8_t rank_ = 0;
};

// One tensor of the GGUF that the converter writes (llama.cpp 0.5.0).
struct Tensor {
  std::string name;         // "blk.3.attn_q.weight"
  std::int32_t layer = -1;  // the number in blk.N.; -1 if there is none
  Shape shape;
  TensorKind kind;  // identifies the tensor; code never compares names

  // Set if the checkpoint fixes the type for every file type (gpt-oss experts: mxfp4, hash tables: i32).
  std::optional<ElementType> native_type = std::nullopt;

  // False for tensors that are not parameters: those that the converter computes (rope_freqs) and buffers
  // (Gemma 4's layer_output_scale).
  bool learned = true;

  // False for multi-token-prediction layers, which are loaded only for speculative decoding.
  bool loaded = true;

  friend bool operator==(const Tensor&, const Tensor&) = default;
};

// A tensor of a file, whose layer and kind follow from its name.
Tensor tensor_named(std::string name, const Shape& shape);

}  // namespace vramcalc
