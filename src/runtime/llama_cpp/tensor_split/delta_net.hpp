#pragma once

#include <cstdint>
#include <vector>

#include "runtime/llama_cpp/tensor_split/cut.hpp"
#include "runtime/llama_cpp/tensor_split/layer.hpp"

namespace vramcalc::llama_cpp::tensor_split {

// Qwen3.5 groups its value heads by key heads; Qwen3-Next keeps them in a row.
struct DeltaSegments {
  const GatedDeltaNet& delta;
  std::uint64_t step = 1;

  std::uint64_t keys() const { return std::uint64_t{delta.key_heads} * delta.key_head_dim; }
  std::uint64_t values() const { return std::uint64_t{delta.value_heads} * delta.value_head_dim; }
  std::uint64_t ratio() const { return delta.value_heads / delta.key_heads; }
  bool by_keys() const { return !delta.fused_beta_alpha; }

  // Keys, queries and values together, `per_channel` elements each.
  std::vector<Segment> channels(std::uint64_t per_channel) const {
    const std::uint64_t steps = step * per_channel;
    if (by_keys())
      return {
          {keys() * per_channel, steps, 2 + ratio()}
      };
    return {
        {keys() * per_channel,   steps, 2},
        {values() * per_channel, steps, 1}
    };
  }
  // What there is `per_value` times for each value.
  std::vector<Segment> of_values(std::uint64_t per_value) const {
    if (by_keys())
      return {
          {keys() * per_value, step * per_value, ratio()}
      };
    return {
        {values() * per_value, step * per_value, 1}
    };
  }
  // One value, or several, for each value head.
  std::vector<Segment> of_heads(std::uint64_t per_head) const {
    const std::uint64_t steps = step / delta.key_head_dim * per_head;
    if (by_keys())
      return {
          {delta.key_heads * per_head, steps, ratio()}
      };
    return {
        {delta.value_heads * per_head, steps, 1}
    };
  }
};

DeltaSegments delta_segments(const Layer& layer);

// Does nothing to tensors of other parts of the layer.
void cut_delta_net(Cut& cut, const Tensor& tensor, const Layer& layer);

}  // namespace vramcalc::llama_cpp::tensor_split
