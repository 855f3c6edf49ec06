#include "model/tensor_list.hpp"

#include <fmt/format.h>

namespace vramcalc {

Tensor& TensorList::add(std::string_view name, Shape shape) {
  Tensor tensor;
  tensor.name = layer_ < 0 ? std::string(name) : fmt::format("blk.{}.{}", layer_, name);
  tensor.layer = layer_;
  tensor.shape = shape;
  tensors_.push_back(std::move(tensor));
  return tensors_.back();
}

void TensorList::linear(std::string_view name, std::uint64_t in, std::uint64_t out, bool bias) {
  add(fmt::format("{}.weight", name), {in, out});
  if (bias) add(fmt::format("{}.bias", name), {out});
}

void TensorList::norm(std::string_view name, NormKind kind, std::uint64_t width) {
  if (kind == NormKind::none) return;
  add(name, {width});
  if (kind == NormKind::layer) add(fmt::format("{}.bias", name.substr(0, name.rfind(".weight"))), {width});
}

}  // namespace vramcalc
