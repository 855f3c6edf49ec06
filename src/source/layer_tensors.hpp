#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "vramcalc/tensor.hpp"

namespace vramcalc::source {

// The tensors of one layer by kind; layer -1 has those outside any layer.
class LayerTensors {
 public:
  struct Part {
    std::int32_t layer;
    TensorKind kind;
    const Tensor* tensor;
  };
  LayerTensors(std::int32_t layer, std::span<const Part> parts) : layer_(layer), parts_(parts) {}

  std::int32_t layer() const { return layer_; }
  bool empty() const { return parts_.empty(); }
  bool has(TensorKind kind) const { return find(kind) != nullptr; }
  const Tensor* find(TensorKind kind) const;

  // The length of one dimension; 0 if the tensor is missing.
  std::uint64_t length(TensorKind kind, std::size_t dimension) const;

 private:
  std::int32_t layer_;
  std::span<const Part> parts_;  // sorted by kind
};

// The tensors of a model by layer. Points into the list it was made from.
class TensorIndex {
 public:
  explicit TensorIndex(const std::vector<Tensor>& tensors);
  LayerTensors layer(std::int32_t number) const;
  LayerTensors ends() const { return layer(-1); }
  std::size_t size() const { return parts_.size(); }

  // A tensor with the highest layer number; null if no tensor belongs to a layer.
  const Tensor* of_last_layer() const;

 private:
  std::vector<LayerTensors::Part> parts_;  // sorted by layer, then by kind
};

}  // namespace vramcalc::source
