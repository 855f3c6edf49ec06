#include "runtime/llama_cpp/tensor_split/layer.hpp"

#include <algorithm>

namespace vramcalc::llama_cpp::tensor_split {
namespace {

void take_type(Layer& layer, Role role, ElementType type) {
  if (role == Role::o) layer.output = type;
  if (role == Role::ssm_out) layer.state_output = type;
  if (role == Role::down) layer.down = type;
  if (role == Role::expert_down) layer.experts_down = type;
}

// Layers of one kind take turns with who gets the larger slice.
void set_rotations(Layers& layers, std::size_t gpus) {
  for (std::size_t i = 0; i < layers.size(); ++i)
    layers[i].rotation = static_cast<std::size_t>(
                             std::count_if(layers.begin(), layers.begin() + static_cast<std::ptrdiff_t>(i),
                                           [&](const Layer& before) {
                                             return before.is_recurrent() == layers[i].is_recurrent() &&
                                                    before.is_windowed() == layers[i].is_windowed();
                                           })) %
                         gpus;
}

}  // namespace

std::uint64_t block_of(std::optional<ElementType> type) { return type ? layout_of(*type).block_elements : 1; }

Layers layers_of(const Architecture& architecture, std::span<const Tensor> tensors,
                 std::span<const ElementType> types, std::size_t gpus) {
  Layers layers;
  for (const Block& block : architecture.blocks) layers.push_back({&block, 0, {}, {}, {}, {}});
  for (std::size_t i = 0; i < tensors.size(); ++i)
    if (tensors[i].layer >= 0 && tensors[i].kind.component == Component::weight)
      take_type(layers.at(static_cast<std::size_t>(tensors[i].layer)), tensors[i].kind.role, types[i]);
  set_rotations(layers, gpus);
  return layers;
}

}  // namespace vramcalc::llama_cpp::tensor_split
