#include "runtime/llama_cpp/tensor_split.hpp"

#include <array>
#include <bit>

#include "model/cache_rows.hpp"
#include "runtime/llama_cpp/device_bytes.hpp"
#include "runtime/llama_cpp/device_map.hpp"
#include "runtime/llama_cpp/tensor_split/cutting.hpp"
#include "runtime/llama_cpp/tensor_split/layer.hpp"
#include "runtime/llama_cpp/tensor_split/sliceable.hpp"
#include "runtime/llama_cpp/weights.hpp"

namespace vramcalc::llama_cpp {
namespace {

using tensor_split::Cut;
using tensor_split::Cutting;
using tensor_split::Layers;
using tensor_split::Lengths;

Shape with_length(const Shape& shape, std::size_t dimension, std::uint64_t length) {
  std::array<std::uint64_t, 4> sizes = {shape[0], shape[1], shape[2], shape[3]};
  sizes[dimension] = length;
  return {sizes[0], sizes[1], sizes[2], sizes[3]};
}

class Slicing {
 public:
  Slicing(const Cutting& cutting, const Placement& placement)
      : cutting_(cutting), slices_(placement.free.size()) {
    for (const double share : placement.split) shares_.push_back(static_cast<float>(share));
    if (!shares_.empty()) shares_.resize(slices_.size(), 0);
  }

  void add_whole(ElementType type, const Shape& shape) {
    for (Slice& slice : slices_) slice.weights += device_bytes(type, shape);
  }

  void add(const Tensor& tensor, ElementType type) {
    const Cut cut = cutting_.of(tensor);
    if (cut.segments.empty()) return add_whole(type, tensor.shape);
    const Lengths length = tensor_split::lengths(cut, shares_, slices_.size());
    // The last row is padded even if there is none.
    for (std::size_t gpu = 0; gpu < slices_.size(); ++gpu)
      slices_[gpu].weights += device_bytes(type, with_length(tensor.shape, cut.dimension, length[gpu]));
  }

  void add(const CacheTensor& tensor) {
    const Lengths length = tensor_split::lengths(cutting_.of(tensor), shares_, slices_.size());
    for (std::size_t gpu = 0; gpu < slices_.size(); ++gpu) {
      if (length[gpu] == 0) continue;
      slices_[gpu].cache.push_back(tensor);
      slices_[gpu].cache.back().row = length[gpu];
    }
  }

  void add_state(const Cut& cut, std::uint64_t rows) {
    const Lengths length = tensor_split::lengths(cut, shares_, slices_.size());
    for (std::size_t gpu = 0; gpu < slices_.size(); ++gpu)
      if (length[gpu] > 0) slices_[gpu].state += device_bytes(ElementType::f32, Shape{length[gpu], rows});
  }

  void add_whole_state(std::uint64_t elements, std::uint64_t rows) {
    for (Slice& slice : slices_) slice.state += device_bytes(ElementType::f32, Shape{elements, rows});
  }

  std::vector<Slice> take() { return std::move(slices_); }

 private:
  const Cutting& cutting_;
  std::vector<float> shares_;
  std::vector<Slice> slices_;
};

void add_states(Slicing& slicing, const Cutting& cutting, const Architecture& architecture,
                const Layers& layers, std::uint64_t rows) {
  for (std::size_t i = 0; i < layers.size(); ++i) {
    if (layers[i].block->mtp) continue;
    const SequenceState state = sequence_state(layers[i].block->attention, architecture.hidden_size);
    if (layers[i].delta_net() != nullptr) {
      slicing.add_state(cutting.of_convolution(i), rows);
      slicing.add_state(cutting.of_recurrence(i), rows);
    } else if (!state.empty()) {
      slicing.add_whole_state(state.convolution(), rows);
    }
  }
}

}  // namespace

std::vector<Slice> tensor_slices(const Architecture& architecture, std::span<const Tensor> tensors,
                                 std::span<const ElementType> types, std::span<const CacheTensor> cache,
                                 const ResolvedContext& resolved, const Placement& placement) {
  tensor_split::require_sliceable(architecture, placement);
  const std::size_t gpus = placement.free.size();
  const Layers layers = tensor_split::layers_of(architecture, tensors, types, gpus);
  const Cutting cutting(architecture, layers, gpus);
  Slicing slicing(cutting, placement);
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    if (!tensors[i].loaded) continue;
    if (is_output_copy(architecture, tensors[i])) slicing.add_whole(types[i], tensors[i].shape);
    if (!is_input_tensor(tensors[i])) slicing.add(tensors[i], types[i]);
  }
  for (const CacheTensor& tensor : cache) slicing.add(tensor);
  add_states(slicing, cutting, architecture, layers,
             std::uint64_t{resolved.sequences} * resolved.states_per_sequence);
  return slicing.take();
}

Bytes reduction_buffers(const Architecture& architecture, std::uint32_t ubatch, std::size_t gpus) {
  if (gpus < 2) return {};
  const std::uint64_t steps = std::bit_width(gpus - 1);
  return Bytes(32 * MiB) + Bytes(checked_multiply(4 * steps * ubatch, architecture.hidden_size));
}

}  // namespace vramcalc::llama_cpp
