#include "runtime/llama_cpp/tensor_split/cutting.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

#include "runtime/llama_cpp/tensor_split/attention.hpp"
#include "runtime/llama_cpp/tensor_split/delta_net.hpp"
#include "runtime/llama_cpp/tensor_split/feed_forward.hpp"

namespace vramcalc::llama_cpp::tensor_split {
namespace {

// Queries with a gate of their own width, which is cut with them.
bool has_gated_queries(const Architecture& architecture) {
  constexpr std::array<std::string_view, 3> names = {"qwen3next", "qwen35", "qwen35moe"};
  return std::ranges::find(names, architecture.gguf_name) != names.end();
}

}  // namespace

Cutting::Cutting(const Architecture& architecture, const Layers& layers, std::size_t gpus)
    : layers_(layers), gpus_(gpus), gated_queries_(has_gated_queries(architecture)) {
  outside_ = static_cast<std::size_t>(
                 std::ranges::count_if(architecture.blocks, [](const Block& block) { return !block.mtp; })) %
             gpus;
}

Cut Cutting::of(const Tensor& tensor) const {
  if (tensor.layer < 0) return of_output(tensor);
  const Layer& layer = layers_.at(static_cast<std::size_t>(tensor.layer));
  const std::size_t dimension = tensor.kind.component == Component::weight ? 1 : 0;
  Cut cut{dimension, {}, layer.rotation};
  if (layer.delta_net() != nullptr) cut_delta_net(cut, tensor, layer);
  if (layer.attention() != nullptr)
    cut_attention(cut, tensor, layer, attention_steps(layer, gpus_), gated_queries_);
  cut_feed_forward(cut, tensor, layer);
  return cut;
}

Cut Cutting::of(const CacheTensor& cache) const {
  const Layer& layer = layers_.at(cache.layer);
  return {0, {{cache.row, attention_steps(layer, gpus_).keys, 1}}, layer.rotation};
}

Cut Cutting::of_convolution(std::size_t layer) const {
  const std::uint64_t kept_inputs = layers_[layer].delta_net()->conv_kernel - 1;
  return {0, delta_segments(layers_[layer]).channels(kept_inputs), layers_[layer].rotation};
}

Cut Cutting::of_recurrence(std::size_t layer) const {
  const std::uint64_t per_value = layers_[layer].delta_net()->value_head_dim;
  return {0, delta_segments(layers_[layer]).of_values(per_value), layers_[layer].rotation};
}

Cut Cutting::of_output(const Tensor& tensor) const {
  if (tensor.kind.role != Role::output) return {};
  const std::size_t dimension = tensor.kind.component == Component::weight ? 1 : 0;
  return {dimension, {{tensor.shape[dimension], 1, 1}}, outside_};
}

}  // namespace vramcalc::llama_cpp::tensor_split
