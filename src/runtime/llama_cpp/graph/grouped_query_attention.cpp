#include "runtime/llama_cpp/graph/builder.hpp"

namespace vramcalc::llama_cpp::graph {
namespace {

// One matrix for all three, seen through three views.
Heads fused_heads(Builder& b, const GroupedQueryAttention& part, NodeId x) {
  const std::uint64_t q = std::uint64_t{part.heads} * part.key_length;
  const std::uint64_t k = std::uint64_t{part.kv_heads} * part.key_length;
  const std::uint64_t v = std::uint64_t{part.kv_heads} * part.value_length;
  NodeId all = b.project(x, q + k + v, part.qkv_bias);
  if (b.a.clamps_qkv) all = clamp(b.g, all);
  const std::uint64_t row = b.g[all].nb[1];
  const auto piece = [&](std::uint64_t head, std::uint64_t heads, std::uint64_t first) {
    return b.g.view(all, {head, heads, b.tokens, 1}, {4, 4 * head, row, row * b.tokens}, 4 * first);
  };
  return {piece(part.key_length, part.heads, 0), piece(part.key_length, part.kv_heads, q),
          piece(part.value_length, part.kv_heads, q + k)};
}

NodeId projected(Builder& b, const GroupedQueryAttention& part, NodeId x, std::uint64_t rows) {
  const NodeId result = b.project(x, rows, part.qkv_bias);
  return b.a.clamps_qkv ? clamp(b.g, result) : result;
}

Heads separate_heads(Builder& b, const GroupedQueryAttention& part, NodeId x) {
  Heads h{};
  h.q = projected(b, part, x, std::uint64_t{part.heads} * part.key_length);
  h.k = projected(b, part, x, std::uint64_t{part.kv_heads} * part.key_length);
  h.v = projected(b, part, x, std::uint64_t{part.kv_heads} * part.value_length);
  // A norm over all heads together comes before they are told apart.
  if (part.qk_norm == QkNorm::per_layer) {
    h.q = norm(b, h.q, NormKind::rms);
    h.k = norm(b, h.k, NormKind::rms);
  }
  h.q = b.g.reshape(h.q, {part.key_length, part.heads, b.tokens, 1});
  h.k = b.g.reshape(h.k, {part.key_length, part.kv_heads, b.tokens, 1});
  h.v = b.g.reshape(h.v, {part.value_length, part.kv_heads, b.tokens, 1});
  return h;
}

void normalize_heads(Builder& b, const GroupedQueryAttention& part, Heads& h) {
  if (part.qk_norm == QkNorm::per_head) {
    h.q = norm(b, h.q, NormKind::rms);
    h.k = norm(b, h.k, NormKind::rms);
  } else if (part.qk_norm == QkNorm::per_head_layer_norm) {
    h.q = norm(b, h.q, NormKind::layer_without_bias);
    h.k = norm(b, h.k, NormKind::layer_without_bias);
  }
}

void rotate_positions(Builder& b, const GroupedQueryAttention& part, Heads& h) {
  if (!part.rope) return;
  h.q = rope(b.g, h.q, b.positions);
  h.k = rope(b.g, h.k, b.positions);
}

NodeId merged_heads(Builder& b, NodeId x) {
  const Extent ne = b.g[x].ne;
  return b.g.view(x, {ne[0] * ne[1], ne[2], 1, 1}, {4, b.g[x].nb[2], b.g[x].nb[2] * ne[2], 0});
}

void write_keys(Builder& b, NodeId k, NodeId cache, NodeId rows) {
  const NodeId flat = merged_heads(b, k);
  if (b.s.streams > 1) {
    const Extent ne = b.g[cache].ne;
    cache = b.g.reshape(cache, {ne[0], ne[1] * ne[2], 1, 1});
  }
  b.g.expand(set_rows(b.g, cache, flat, rows));
}

// Without flash attention values are stored transposed, one element a row.
void write_transposed_values(Builder& b, NodeId v, NodeId cache, NodeId rows) {
  const Extent ne = b.g[v].ne;
  const Extent flat = {ne[0] * ne[1], ne[2], 1, 1};
  const bool mergeable = b.g[v].nb[2] == row_stride(b.g[v].type, flat[0]);
  NodeId values = mergeable ? b.g.reshape(v, flat) : contiguous(b.g, v, flat);
  if (flat[0] < b.g[cache].ne[0]) values = pad(b.g, values, b.g[cache].ne[0] - flat[0]);
  const NodeId target = b.g.reshape(cache, {1, elements_of(b.g[cache]), 1, 1});
  values = b.g.reshape(values, {1, elements_of(b.g[values]), 1, 1});
  b.g.expand(set_rows(b.g, target, values, rows));
}

NodeId cached_keys(Builder& b, NodeId cache, std::uint64_t head, std::uint64_t heads) {
  const Node c = b.g[cache];
  return b.g.view(cache, {head, heads, c.ne[1], c.ne[2]},
                  {c.nb[0], row_stride(c.type, head), c.nb[1], c.nb[2]});
}

NodeId cached_transposed_values(Builder& b, NodeId cache, std::uint64_t head, std::uint64_t heads) {
  const Node c = b.g[cache];
  const std::uint64_t cells = c.ne[1];
  return b.g.view(cache, {cells, heads, head, c.ne[2]},
                  {c.nb[0], row_stride(c.type, cells * head), row_stride(c.type, cells), c.nb[2]});
}

NodeId softcapped(Builder& b, NodeId x) { return scale(b.g, unary(b.g, scale(b.g, x))); }

NodeId attend_with_scores(Builder& b, NodeId q, NodeId k, NodeId v, NodeId mask, NodeId sinks,
                          bool transposed, NodeId value_decompression) {
  NodeId scores = mul_mat(b.g, k, q);
  if (b.a.softcaps_attention) scores = softcapped(b, scores);
  scores = soft_max(b.g, scores, mask, sinks);
  if (!transposed) v = contiguous(b.g, b.g.transpose(v));
  NodeId result = mul_mat(b.g, v, scores);
  if (value_decompression != no_node) result = mul_mat(b.g, value_decompression, result);
  result = b.g.permute(result, {0, 2, 1, 3});
  const Extent ne = b.g[result].ne;
  result = contiguous(b.g, result, {ne[0] * ne[1], ne[2] * ne[3], 1, 1});
  if (!b.s.cache_on_device) b.g[result].pinned = b.backends.cpu();
  return result;
}

NodeId attend_with_kernel(Builder& b, NodeId q, NodeId k, NodeId v, NodeId mask, NodeId sinks,
                          bool transposed, NodeId value_decompression) {
  if (transposed) v = b.g.transpose(v);
  if (b.g[k].type == ElementType::f32) k = cast(b.g, k, ElementType::f16);
  if (b.g[v].type == ElementType::f32) v = cast(b.g, v, ElementType::f16);
  NodeId result = flash_attention(b.g, q, k, v, mask, sinks, b.a.alibi);
  if (value_decompression != no_node) {
    result = mul_mat(b.g, value_decompression, b.g.permute(result, {0, 2, 1, 3}));
    result = contiguous(b.g, b.g.permute(result, {0, 2, 1, 3}));
  }
  const Extent ne = b.g[result].ne;
  return b.g.reshape(result, {ne[0] * ne[1], ne[2] * ne[3], 1, 1});
}

}  // namespace

// Scores, weights and sum over the cells, one matrix a stream (llama-graph.cpp, build_attn_mha).
NodeId attend(Builder& b, const Heads& heads, NodeId mask, NodeId sinks, NodeId value_decompression) {
  const bool transposed = b.g[heads.v].nb[1] > b.g[heads.v].nb[2];
  const std::uint64_t streams = b.g[heads.k].ne[3];
  const Node from = b.g[heads.q];
  NodeId q = b.g.view(heads.q, {from.ne[0], from.ne[1], from.ne[2] / streams, streams},
                      {from.nb[0], from.nb[1], from.nb[2], from.nb[3] / streams});
  q = b.g.permute(q, {0, 2, 1, 3});
  const NodeId k = b.g.permute(heads.k, {0, 2, 1, 3});
  const NodeId v = b.g.permute(heads.v, {0, 2, 1, 3});
  const auto how = b.s.flash_attention ? attend_with_kernel : attend_with_scores;
  const NodeId result = how(b, q, k, v, mask, sinks, transposed, value_decompression);
  b.g.expand(result);
  return result;
}

NodeId attention(Builder& b, const GroupedQueryAttention& part, NodeId x) {
  Heads h = part.fused_qkv ? fused_heads(b, part, x) : separate_heads(b, part, x);
  normalize_heads(b, part, h);
  rotate_positions(b, part, h);
  if (b.a.graph.scales_query) h.q = scale(b.g, h.q);

  const CacheInputs& in = part.window ? b.window : b.full;
  if (in.key_rotation != no_node) {
    h.q = rotate(b.g, h.q, in.key_rotation);
    h.k = rotate(b.g, h.k, in.key_rotation);
  }
  if (in.value_rotation != no_node) h.v = rotate(b.g, h.v, in.value_rotation);
  b.g.expand(h.q);
  b.g.expand(b.windowed ? h.k : h.v);
  b.g.expand(b.windowed ? h.v : h.k);

  const std::uint64_t value_width = std::uint64_t{part.kv_heads} * part.value_length;
  const NodeId keys =
      b.cache(b.s.cache_type_k, {std::uint64_t{part.kv_heads} * part.key_length, in.cells, b.s.streams, 1});
  const NodeId values = b.cache(b.s.cache_type_v, {value_width, in.cells, b.s.streams, 1});
  write_keys(b, h.k, keys, in.key_rows);
  if (b.s.flash_attention) {
    write_keys(b, h.v, values, in.value_rows);
  } else {
    write_transposed_values(b, h.v, values, in.value_rows);
  }

  const Heads cached = {h.q, cached_keys(b, keys, part.key_length, part.kv_heads),
                        b.s.flash_attention
                            ? cached_keys(b, values, part.value_length, part.kv_heads)
                            : cached_transposed_values(b, values, part.value_length, part.kv_heads)};
  const NodeId sinks = part.sinks ? b.vector(part.heads) : no_node;
  NodeId result = attend(b, cached, in.mask, sinks);
  if (in.value_rotation != no_node) result = rotate(b.g, result, in.value_rotation);
  return b.project(result, b.a.hidden_size, part.output_bias);
}

}  // namespace vramcalc::llama_cpp::graph
