#pragma once

#include <cstdint>
#include <vector>

#include "vramcalc/architecture.hpp"
#include "vramcalc/tensor.hpp"

namespace vramcalc {

// What a list of tensors describes: the GGUF or the checkpoint that it is converted from. They differ in
// tensors that the converter drops, trims or computes. Those of a GGUF have names; those of a checkpoint are
// only counted.
enum class Form { gguf, checkpoint };

// Collects the tensors of one form. Shapes are in ggml's order, row length first.
class TensorList {
 public:
  explicit TensorList(Form form) : form_(form) {}

  Form form() const { return form_; }

  // Tensors added from now on belong to this layer, or to none if it is -1.
  void begin_layer(std::int32_t layer) { layer_ = layer; }

  Tensor& add(TensorKind kind, Shape shape);

  // The weight, a matrix from `in` to `out` values, and the bias.
  void linear(Role role, std::uint64_t in, std::uint64_t out, bool bias = false);

  // The norm, with the bias that its kind has.
  void norm(TensorKind norm, NormKind kind, std::uint64_t width);

  std::vector<Tensor>& tensors() { return tensors_; }
  std::vector<Tensor> take() { return std::move(tensors_); }

 private:
  Form form_;
  std::int32_t layer_ = -1;
  std::vector<Tensor> tensors_;
};

}  // namespace vramcalc
