#include "source/layer_tensors.hpp"

#include <algorithm>
#include <tuple>

namespace vramcalc::source {

const Tensor* LayerTensors::find(TensorKind kind) const {
  const auto found = std::ranges::lower_bound(parts_, kind, {}, &Part::kind);
  return found != parts_.end() && found->kind == kind ? found->tensor : nullptr;
}

std::uint64_t LayerTensors::length(TensorKind kind, std::size_t dimension) const {
  const Tensor* tensor = find(kind);
  return tensor == nullptr ? 0 : tensor->shape[dimension];
}

TensorIndex::TensorIndex(const std::vector<Tensor>& tensors) {
  parts_.reserve(tensors.size());
  for (const Tensor& tensor : tensors) parts_.push_back({tensor.layer, tensor.kind, &tensor});
  std::ranges::sort(parts_, {},
                    [](const LayerTensors::Part& part) { return std::tuple(part.layer, part.kind); });
}

LayerTensors TensorIndex::layer(std::int32_t number) const {
  const auto first = std::ranges::lower_bound(parts_, number, {}, &LayerTensors::Part::layer);
  const auto last = std::ranges::upper_bound(parts_, number, {}, &LayerTensors::Part::layer);
  return {number, std::span(first, last)};
}

const Tensor* TensorIndex::of_last_layer() const {
  return parts_.empty() || parts_.back().layer < 0 ? nullptr : parts_.back().tensor;
}

}  // namespace vramcalc::source
