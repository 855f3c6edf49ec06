#include "runtime/llama_cpp/tensor_split/feed_forward.hpp"

#include <cstdint>
#include <numeric>
#include <vector>

namespace vramcalc::llama_cpp::tensor_split {
namespace {

std::uint64_t feed_forward_step(const Layer& layer) {
  return std::lcm(block_of(layer.down ? layer.down : layer.experts_down), std::uint64_t{128});
}

}  // namespace

void cut_feed_forward(Cut& cut, const Tensor& tensor, const Layer& layer) {
  const std::uint64_t step = feed_forward_step(layer), length = tensor.shape[cut.dimension];
  const bool is_weight = tensor.kind.component == Component::weight;
  switch (tensor.kind.role) {
    case Role::up:
    case Role::expert_up:
      cut.segments = length == 2 * layer.dense_width() ? std::vector<Segment>{{length / 2, step, 2}}
                                                       : std::vector<Segment>{{length, step, 1}};
      break;
    case Role::gate:
    case Role::expert_gate:
      cut.segments = {
          {length, step, 1}
      };
      break;
    case Role::expert_gate_up:
      cut.segments = {
          {layer.expert_width(), step, 2}
      };
      break;
    case Role::down:
    case Role::expert_down:
      if (is_weight) cut = {0, {{tensor.shape.row(), step, 1}}, cut.rotation};
      break;
    default: break;
  }
}

}  // namespace vramcalc::llama_cpp::tensor_split
