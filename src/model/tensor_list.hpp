#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "vramcalc/architecture.hpp"
#include "vramcalc/tensor.hpp"

namespace vramcalc {

// What a list of tensors describes: the GGUF, or the checkpoint that it is converted from. They differ where
// the converter drops, trims or computes something; the names are the GGUF's in both.
enum class Form { gguf, checkpoint };

// Collects the tensors of one form. Shapes are in ggml's order, row length first.
class TensorList {
 public:
  explicit TensorList(Form form) : form_(form) {}

  Form form() const { return form_; }

  // Tensors added from here on are called blk.LAYER.NAME; -1: NAME alone.
  void begin_layer(std::int32_t layer) { layer_ = layer; }

  Tensor& add(std::string_view name, Shape shape);

  // NAME.weight, a matrix from `in` to `out` values, and NAME.bias.
  void linear(std::string_view name, std::uint64_t in, std::uint64_t out, bool bias = false);

  // A norm called `name` ("attn_norm.weight"), with the bias that its kind has.
  void norm(std::string_view name, NormKind kind, std::uint64_t width);

  std::vector<Tensor>& tensors() { return tensors_; }
  std::vector<Tensor> take() { return std::move(tensors_); }

 private:
  Form form_;
  std::int32_t layer_ = -1;
  std::vector<Tensor> tensors_;
};

}  // namespace vramcalc
