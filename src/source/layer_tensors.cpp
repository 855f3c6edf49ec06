#include "source/layer_tensors.hpp"

#include <algorithm>
#include <tuple>

namespace vramcalc::source {
namespace {

std::string_view part_of(const Tensor& tensor) {
  const std::string_view name = tensor.name;
  return tensor.layer < 0 ? name : name.substr(name.find('.', 4) + 1);
}

}  // namespace

const Tensor* LayerTensors::find(std::string_view name) const {
  const auto found = std::ranges::lower_bound(parts_, name, {}, &Part::name);
  return found != parts_.end() && found->name == name ? found->tensor : nullptr;
}

std::uint64_t LayerTensors::length(std::string_view name, std::size_t dimension) const {
  const Tensor* tensor = find(name);
  return tensor == nullptr ? 0 : tensor->shape[dimension];
}

TensorIndex::TensorIndex(const std::vector<Tensor>& tensors) {
  parts_.reserve(tensors.size());
  for (const Tensor& tensor : tensors) parts_.push_back({tensor.layer, part_of(tensor), &tensor});
  std::ranges::sort(parts_, {},
                    [](const LayerTensors::Part& part) { return std::tuple(part.layer, part.name); });
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
