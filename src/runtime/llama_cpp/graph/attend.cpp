#include "runtime/llama_cpp/graph/builder.hpp"

namespace vramcalc::llama_cpp::graph {
namespace {

NodeId softcapped(Builder& b, NodeId x) { return scale(b.g, unary(b.g, scale(b.g, x))); }

NodeId attend_with_scores(Builder& b, NodeId q, NodeId k, NodeId v, NodeId mask, NodeId sinks,
                          bool transposed, NodeId value_decompression, std::uint64_t) {
  NodeId scores = mul_mat(b.g, k, q);
  if (b.a.softcaps_attention) scores = softcapped(b, scores);
  scores = soft_max(b.g, scores, mask, sinks);
  if (!transposed) v = contiguous(b.g, b.g.transpose(v));
  NodeId result = mul_mat(b.g, v, scores);
  if (value_decompression != no_node) result = mul_mat(b.g, value_decompression, result);
  result = b.g.permute(result, {0, 2, 1, 3});
  const Extent ne = b.g[result].ne;
  result = contiguous(b.g, result, {ne[0] * ne[1], ne[2] * ne[3], 1, 1});
  if (!b.s.cache_on_device) b.pin(result, b.backends.cpu());
  return result;
}

NodeId attend_with_kernel(Builder& b, NodeId q, NodeId k, NodeId v, NodeId mask, NodeId sinks,
                          bool transposed, NodeId value_decompression, std::uint64_t most_cells) {
  if (transposed) v = b.g.transpose(v);
  if (b.g[k].type == ElementType::f32) k = cast(b.g, k, ElementType::f16);
  if (b.g[v].type == ElementType::f32) v = cast(b.g, v, ElementType::f16);
  NodeId result = flash_attention(b.g, q, k, v, mask, sinks, b.a.alibi);
  b.attended.push_back({result, b.layer_backend});
  b.g[result].most_cells = static_cast<std::uint32_t>(most_cells);
  if (value_decompression != no_node) {
    result = mul_mat(b.g, value_decompression, b.g.permute(result, {0, 2, 1, 3}));
    result = contiguous(b.g, b.g.permute(result, {0, 2, 1, 3}));
  }
  const Extent ne = b.g[result].ne;
  return b.g.reshape(result, {ne[0] * ne[1], ne[2] * ne[3], 1, 1});
}

}  // namespace

// Scores, weights and sum over the cells, one matrix per stream (llama-graph.cpp, build_attn_mha).
NodeId attend(Builder& b, const Heads& heads, NodeId mask, NodeId sinks, NodeId value_decompression,
              std::uint64_t most_cells) {
  const bool transposed = b.g[heads.v].nb[1] > b.g[heads.v].nb[2];
  const std::uint64_t streams = b.g[heads.k].ne[3];
  const Node from = b.g[heads.q];
  NodeId q = b.g.view(heads.q, {from.ne[0], from.ne[1], from.ne[2] / streams, streams},
                      {from.nb[0], from.nb[1], from.nb[2], from.nb[3] / streams});
  q = b.g.permute(q, {0, 2, 1, 3});
  const NodeId k = b.g.permute(heads.k, {0, 2, 1, 3});
  const NodeId v = b.g.permute(heads.v, {0, 2, 1, 3});
  const auto how = b.s.flash_attention ? attend_with_kernel : attend_with_scores;
  const NodeId result = how(b, q, k, v, mask, sinks, transposed, value_decompression, most_cells);
  b.g.expand(result);
  return result;
}

void rotate_heads(Builder& b, Heads& h, const CacheInputs& in) {
  if (in.key_rotation != no_node) {
    h.q = rotate(b.g, h.q, in.key_rotation);
    h.k = rotate(b.g, h.k, in.key_rotation);
  }
  if (in.value_rotation != no_node) h.v = rotate(b.g, h.v, in.value_rotation);
}

NodeId attend_through_cache(Builder& b, const CachedHeads& heads, Heads h, const CacheInputs& in,
                            NodeId sinks) {
  rotate_heads(b, h, in);
  b.g.expand(h.q);
  b.g.expand(b.windowed ? h.k : h.v);
  b.g.expand(b.windowed ? h.v : h.k);
  const NodeId result = attend(b, through_cache(b, heads, h, in), in.mask, sinks);
  return in.value_rotation == no_node ? result : rotate(b.g, result, in.value_rotation);
}

NodeId attend_without_cache(Builder& b, const Heads& h, const CacheInputs& in, NodeId sinks) {
  b.g.expand(h.q);
  b.g.expand(h.k);
  b.g.expand(h.v);
  return attend(b, h, in.mask, sinks);
}

}  // namespace vramcalc::llama_cpp::graph
