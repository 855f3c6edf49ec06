#include "runtime/llama_cpp/tensor_split/attention.hpp"

#include <numeric>
#include <vector>

namespace vramcalc::llama_cpp::tensor_split {
namespace {

std::vector<Segment> fused(const Layer& layer, std::uint64_t length, std::uint64_t query_step,
                           std::uint64_t key_step) {
  const GroupedQueryAttention& attention = *layer.attention();
  const std::uint64_t values = std::uint64_t{attention.kv_heads} * attention.value_length;
  return {
      {length - 2 * values, query_step, 1},
      {values,              key_step,   2}
  };
}

}  // namespace

AttentionSteps attention_steps(const Layer& layer, std::size_t gpus) {
  const GroupedQueryAttention& attention = *layer.attention();
  const std::uint64_t group = attention.heads / attention.kv_heads;
  const std::uint64_t of_group = group * attention.key_length;
  std::uint64_t block = block_of(layer.output);
  while (block < 128 && block * gpus < of_group) block *= 2;
  const std::uint64_t queries = std::lcm(of_group, block);
  return {queries, std::lcm(2 * of_group, block), queries / group, queries / attention.key_length};
}

void cut_attention(Cut& cut, const Tensor& tensor, const Layer& layer, const AttentionSteps& steps,
                   bool gated_queries) {
  const std::uint64_t query_step = gated_queries ? steps.gated_queries : steps.queries;
  const std::uint64_t length = tensor.shape[cut.dimension];
  switch (tensor.kind.role) {
    case Role::q:
      cut.segments = {
          {length, query_step, 1}
      };
      break;
    case Role::k:
    case Role::v:
      cut.segments = {
          {length, steps.keys, 1}
      };
      break;
    case Role::qkv: cut.segments = fused(layer, length, query_step, steps.keys); break;
    case Role::q_norm:
    case Role::k_norm:
      if (tensor.shape.rank() > 1 && tensor.shape[1] > 1)
        cut.segments = {
            {tensor.shape[1], 1, 1}
        };
      break;
    case Role::attn_sinks: cut = {0, {{tensor.shape.row(), steps.heads, 1}}, cut.rotation}; break;
    case Role::attn_gate:
      cut.segments = {
          {length, length == layer.attention()->heads ? steps.heads : steps.queries, 1}
      };
      break;
    case Role::o:
      if (tensor.kind.component == Component::weight)
        cut = {0, {{tensor.shape.row(), steps.queries, 1}}, cut.rotation};
      break;
    default: break;
  }
}

}  // namespace vramcalc::llama_cpp::tensor_split
