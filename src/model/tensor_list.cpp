#include "model/tensor_list.hpp"

namespace vramcalc {

Tensor& TensorList::add(TensorKind kind, Shape shape) {
  Tensor& tensor = tensors_.emplace_back();
  if (form_ == Form::gguf) tensor.name = tensor_name(kind, layer_);
  tensor.layer = layer_;
  tensor.shape = shape;
  tensor.kind = kind;
  return tensor;
}

void TensorList::linear(Role role, std::uint64_t in, std::uint64_t out, bool bias) {
  add(role, {in, out});
  if (bias) add({role, Component::bias}, {out});
}

void TensorList::norm(TensorKind norm, NormKind kind, std::uint64_t width) {
  if (kind == NormKind::none) return;
  add(norm, {width});
  if (kind == NormKind::layer) add({norm.role, Component::bias}, {width});
}

}  // namespace vramcalc
