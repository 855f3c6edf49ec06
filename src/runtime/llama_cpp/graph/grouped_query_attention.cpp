#include "runtime/llama_cpp/graph/builder.hpp"

namespace vramcalc::llama_cpp::graph {
namespace {

// One matrix for all three, seen through three views.
Heads fused_heads(Builder& b, const GroupedQueryAttention& part, NodeId x) {
  const std::uint64_t q = std::uint64_t{part.heads} * part.key_length;
  const std::uint64_t k = std::uint64_t{part.kv_heads} * part.key_length;
  const std::uint64_t v = std::uint64_t{part.kv_heads} * part.value_length;
  NodeId all = b.project(Role::qkv, x, q + k + v, part.qkv_bias);
  if (b.a.clamps_qkv) all = clamp(b.g, all);
  const std::uint64_t row = b.g[all].nb[1];
  const auto piece = [&](std::uint64_t head, std::uint64_t heads, std::uint64_t first) {
    return b.g.view(all, {head, heads, b.tokens, 1}, {4, 4 * head, row, row * b.tokens}, 4 * first);
  };
  return {piece(part.key_length, part.heads, 0), piece(part.key_length, part.kv_heads, q),
          piece(part.value_length, part.kv_heads, q + k)};
}

NodeId projected(Builder& b, const GroupedQueryAttention& part, Role role, NodeId x, std::uint64_t rows) {
  const NodeId result = b.project(role, x, rows, part.qkv_bias);
  return b.a.clamps_qkv ? clamp(b.g, result) : result;
}

// Q is twice as wide: each head has its query, followed by a gate for its output.
Heads gated_heads(Builder& b, const GroupedQueryAttention& part, NodeId x, NodeId& gate) {
  const std::uint64_t head = part.key_length;
  const NodeId both = b.g.reshape(b.project(Role::q, x, 2 * head * part.heads, part.qkv_bias),
                                  {2 * head, part.heads, b.tokens, 1});
  const Extent half = {head, part.heads, b.tokens, 1};
  gate = slice(b.g, both, half, 4 * head);
  const NodeId k = b.project(Role::k, x, std::uint64_t{part.kv_heads} * head, part.qkv_bias);
  const NodeId v = b.project(Role::v, x, std::uint64_t{part.kv_heads} * part.value_length, part.qkv_bias);
  return {slice(b.g, both, half, 0), b.g.reshape(k, {head, part.kv_heads, b.tokens, 1}),
          b.g.reshape(v, {part.value_length, part.kv_heads, b.tokens, 1})};
}

Heads separate_heads(Builder& b, const GroupedQueryAttention& part, NodeId x) {
  Heads h{};
  h.q = projected(b, part, Role::q, x, std::uint64_t{part.heads} * part.key_length);
  h.k = projected(b, part, Role::k, x, std::uint64_t{part.kv_heads} * part.key_length);
  h.v = part.key_is_value ? h.k
                          : projected(b, part, Role::v, x, std::uint64_t{part.kv_heads} * part.value_length);
  // A norm over all heads comes before they are separated.
  if (part.qk_norm == QkNorm::per_layer) {
    h.q = norm(b, h.q, NormKind::rms, {Role::q_norm});
    h.k = norm(b, h.k, NormKind::rms, {Role::k_norm});
  }
  h.q = b.g.reshape(h.q, {part.key_length, part.heads, b.tokens, 1});
  h.k = b.g.reshape(h.k, {part.key_length, part.kv_heads, b.tokens, 1});
  h.v = b.g.reshape(h.v, {part.value_length, part.kv_heads, b.tokens, 1});
  return h;
}

void normalize_heads(Builder& b, const GroupedQueryAttention& part, Heads& h) {
  if (part.qk_norm == QkNorm::per_head) {
    h.q = norm(b, h.q, NormKind::rms, {Role::q_norm});
    h.k = norm(b, h.k, NormKind::rms, {Role::k_norm});
  } else if (part.qk_norm == QkNorm::per_head_layer_norm) {
    h.q = norm(b, h.q, NormKind::layer_without_bias, {Role::q_norm});
    h.k = norm(b, h.k, NormKind::layer_without_bias, {Role::k_norm});
  }
}

// Learned positions and position biases (ALiBi) replace rotations.
bool rotates(const Builder& b, const GroupedQueryAttention& part) {
  return part.rope && !b.a.alibi && b.a.position_embeddings == 0;
}

void rotate_positions(Builder& b, const GroupedQueryAttention& part, Heads& h) {
  if (rotates(b, part)) {
    const NodeId factors = b.rope_factors(part.window.has_value());
    h.q = rope(b.g, h.q, b.positions, factors);
    h.k = rope(b.g, h.k, b.positions, factors);
  }
  if (part.temperature) h.q = mul(b.g, h.q, b.temperature);
  if (part.qk_unit_norm) {
    h.q = b.g.like(Op::rms_norm, h.q);
    h.k = b.g.like(Op::rms_norm, h.k);
  }
}

// The heads' output times a sigmoid of the other half of Q, of a projection of that width, or of one value
// per head.
NodeId gated(Builder& b, const GroupedQueryAttention& part, NodeId found, NodeId half_of_q, NodeId x) {
  Graph& g = b.g;
  const std::uint64_t heads = part.heads, width = heads * part.value_length;
  if (part.output_gate) return mul(g, found, unary(g, contiguous(g, half_of_q, {width, b.tokens, 1, 1})));
  if (part.separate_gate) return mul(g, found, unary(g, b.project(Role::attn_gate, x, width)));
  if (!part.head_gate) return found;
  const NodeId gate = g.reshape(unary(g, b.project(Role::attn_gate, x, heads)), {1, heads, b.tokens, 1});
  const NodeId by_head = mul(g, g.reshape(found, {part.value_length, heads, b.tokens, 1}), gate);
  return g.reshape(by_head, {width, b.tokens, 1, 1});
}

// A layer that reads the cache of an earlier one computes queries only.
NodeId attend_to_other_cache(Builder& b, const GroupedQueryAttention& part, NodeId x) {
  NodeId q = b.project(Role::q, x, std::uint64_t{part.heads} * part.key_length, part.qkv_bias);
  q = b.g.reshape(q, {part.key_length, part.heads, b.tokens, 1});
  if (part.qk_norm == QkNorm::per_head) q = norm(b, q, NormKind::rms, {Role::q_norm});
  q = rope(b.g, q, b.positions, b.rope_factors(part.window.has_value()));
  const CacheInputs& in = part.window ? b.window : b.full;
  if (in.key_rotation != no_node) q = rotate(b.g, q, in.key_rotation);
  b.g.expand(q);
  const CachedHeads heads = {part.kv_heads, part.key_length, part.value_length};
  Heads& cache = b.caches[*part.reuses_cache_of];
  if (cache.k == no_node) cache = make_cache(b, heads, in);
  const NodeId result = attend(b, read_cache(b, heads, {q, cache.k, cache.v}), in.mask, no_node);
  return in.value_rotation == no_node ? result : rotate(b.g, result, in.value_rotation);
}

}  // namespace

// Q, K and V before they are rotated for the cache.
Heads projected_heads(Builder& b, const GroupedQueryAttention& part, NodeId x) {
  Heads h = part.fused_qkv ? fused_heads(b, part, x) : separate_heads(b, part, x);
  normalize_heads(b, part, h);
  if (part.value_norm) h.v = b.g.like(Op::rms_norm, h.v);
  rotate_positions(b, part, h);
  if (b.a.graph.scales_query) h.q = scale(b.g, h.q);
  return h;
}

NodeId attention(Builder& b, const GroupedQueryAttention& part, NodeId x) {
  if (part.reuses_cache_of) return b.project(Role::o, attend_to_other_cache(b, part, x), b.a.hidden_size);
  NodeId gate = no_node;
  Heads h;
  if (part.output_gate) {
    h = gated_heads(b, part, x, gate);
    normalize_heads(b, part, h);
    rotate_positions(b, part, h);
  } else {
    h = projected_heads(b, part, x);
  }
  const CachedHeads heads = {part.kv_heads, part.key_length, part.value_length};
  const NodeId sinks = part.sinks ? b.vector(part.heads, {Role::attn_sinks}) : no_node;
  const CacheInputs& in = part.window ? b.window : b.full;
  NodeId result =
      b.a.causal ? attend_through_cache(b, heads, h, in, sinks) : attend_without_cache(b, h, in, sinks);
  result = gated(b, part, result, gate, x);
  return b.project(Role::o, result, b.a.hidden_size, part.output_bias);
}

}  // namespace vramcalc::llama_cpp::graph
