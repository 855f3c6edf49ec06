#include <algorithm>

#include "runtime/llama_cpp/graph/builder.hpp"

namespace vramcalc::llama_cpp::graph {
namespace {

std::uint64_t query_head(const LatentAttention& part) {
  return std::uint64_t{part.qk_nope_head_dim} + part.qk_rope_head_dim;
}

NodeId compressed_queries(Builder& b, const LatentAttention& part, NodeId x) {
  return part.q_lora_rank == 0
             ? x
             : norm(b, b.project(Role::q_a, x, part.q_lora_rank), NormKind::rms, {Role::q_a_norm});
}

NodeId queries(Builder& b, const LatentAttention& part, NodeId compressed) {
  const NodeId q =
      b.project(part.q_lora_rank == 0 ? Role::q : Role::q_b, compressed, part.heads * query_head(part));
  return b.g.reshape(q, {query_head(part), part.heads, b.tokens, 1});
}

struct Latent {
  NodeId values;     // the normalized latent row of every token
  NodeId positions;  // the part of the keys with the position
};

Latent latent(Builder& b, const LatentAttention& part, NodeId x) {
  const NodeId both = b.project(Role::kv_a, x, std::uint64_t{part.kv_lora_rank} + part.qk_rope_head_dim);
  const std::uint64_t row = b.g[both].nb[1];
  const NodeId values =
      b.g.view(both, {part.kv_lora_rank, b.tokens, 1, 1}, {4, row, row * b.tokens, row * b.tokens});
  NodeId positions = b.g.view(both, {part.qk_rope_head_dim, 1, b.tokens, 1}, {4, row, row, row * b.tokens},
                              4 * std::uint64_t{part.kv_lora_rank});
  if (part.rope) positions = rope(b.g, positions, b.positions, b.rope_factors());
  return {norm(b, values, NormKind::rms, {Role::kv_a_norm}), positions};
}

// K and V decompressed before they are cached: an ordinary cache of full heads.
Heads decompressed_heads(Builder& b, const LatentAttention& part, NodeId x) {
  const std::uint64_t nope = part.qk_nope_head_dim, value = part.v_head_dim;
  NodeId q = queries(b, part, compressed_queries(b, part, x));
  const Latent kv = latent(b, part, x);
  const NodeId both = b.project(Role::kv_b, kv.values, part.heads * (nope + value));
  const std::uint64_t head = 4 * (nope + value);
  const Extent strides = {4, head, head * part.heads, head * part.heads * b.tokens};
  const NodeId keys = b.g.view(both, {nope, part.heads, b.tokens, 1}, strides);
  const NodeId values = contiguous(b.g, b.g.view(both, {value, part.heads, b.tokens, 1}, strides, 4 * nope));
  if (part.rope) q = rope(b.g, q, b.positions, b.rope_factors());
  const NodeId repeated = repeat(b.g, kv.positions, {part.qk_rope_head_dim, part.heads, b.tokens, 1});
  return {q, concat(b.g, keys, repeated, 0), values};
}

// Queries are projected into the space of the latent rows, which form one key head.
Heads absorbed_heads(Builder& b, const LatentAttention& part, NodeId compressed, NodeId x) {
  Graph& g = b.g;
  const std::uint64_t nope = part.qk_nope_head_dim;
  const NodeId q = queries(b, part, compressed);
  const NodeId q_nope = slice(g, q, {nope, part.heads, b.tokens, 1}, 0);
  NodeId q_positions = slice(g, q, {part.qk_rope_head_dim, part.heads, b.tokens, 1}, 4 * nope);
  if (part.rope) q_positions = rope(g, q_positions, b.positions, b.rope_factors());
  const Latent kv = latent(b, part, x);
  NodeId absorbed =
      mul_mat(g, b.weight(Role::k_b, nope, part.kv_lora_rank, part.heads), g.permute(q_nope, {0, 2, 1, 3}));
  absorbed = g.permute(absorbed, {0, 2, 1, 3});
  const NodeId row = g.reshape(kv.values, {part.kv_lora_rank, 1, b.tokens, 1});
  return {concat(g, absorbed, q_positions, 0), concat(g, row, kv.positions, 0), row};
}

// The cells that each token attends to, chosen by the scores of small heads with their own cache.
NodeId choose_cells(Builder& b, const Indexer& indexer, NodeId compressed, NodeId x) {
  Graph& g = b.g;
  const std::uint64_t heads = indexer.heads, head = indexer.key_length;
  NodeId q = g.reshape(b.project(Role::indexer_q_b, compressed, heads * head), {head, heads, b.tokens, 1});
  q = rope(g, q, b.positions);
  NodeId k = norm(b, b.project(Role::indexer_k, x, head), NormKind::layer, {Role::indexer_k_norm});
  k = rope(g, g.reshape(k, {head, 1, b.tokens, 1}), b.positions);
  q = mul_mat(g, b.index.key_rotation, q);
  k = mul_mat(g, b.index.key_rotation, k);
  const NodeId cache = b.cache(b.s.cache_type_k, {head, b.s.cells, b.s.streams, 1});
  write_keys(b, k, cache, b.index.key_rows);

  NodeId weights = b.project(Role::indexer_proj, x, heads);
  const std::uint64_t streams = b.s.streams;
  q = g.view(q, {head, heads, b.tokens / streams, streams},
             {4, g[q].nb[1], g[q].nb[2], g[q].nb[3] / streams});
  weights = g.view(weights, {heads, b.tokens / streams, 1, streams},
                   {4, g[weights].nb[1], g[weights].nb[2] / streams, g[weights].nb[3] / streams});
  weights = scale(g, weights);
  const NodeId scores =
      g.compute(Op::lightning_indexer, ElementType::f32, {b.s.cells, b.tokens / streams, 1, streams},
                {q, cached_keys(b, cache, head, 1), weights, b.index.mask});
  return contiguous(g, top_k(g, scores, std::min<std::uint64_t>(b.s.cells, indexer.top_k)));
}

}  // namespace

NodeId mask_of_choice(Builder& b, NodeId mask, NodeId choice, ElementType type) {
  Graph& g = b.g;
  const Extent ne = g[mask].ne, nb = g[mask].nb;
  const NodeId closed = g.view(fill(g, mask), {1, ne[0], ne[1], ne[3]}, {nb[0], nb[0], nb[1], nb[2]});
  const Extent chosen = g[choice].ne, step = g[choice].nb;
  const NodeId rows = g.view(choice, {chosen[0], chosen[1], chosen[3], 1},
                             {step[0], step[1], step[2], checked_multiply(chosen[3], step[3])});
  const NodeId zeros = fill(g, g.compute(Op::none, type, {1, chosen[0], chosen[1], chosen[3]}, {}));
  const NodeId open = set_rows(g, closed, zeros, rows);
  const NodeId shaped = g.view(open, {ne[0], ne[1], 1, ne[3]}, {nb[0], nb[1], nb[2], nb[2]});
  return add(g, shaped, mask);
}

namespace {

NodeId absorbed_attention(Builder& b, const LatentAttention& part, NodeId x) {
  const NodeId compressed = compressed_queries(b, part, x);
  if (part.indexer) b.chosen_cells = choose_cells(b, *part.indexer, compressed, x);
  if (part.sparse && b.chosen_cells == no_node) fail_unknown_layer(b);
  const Heads h = absorbed_heads(b, part, compressed, x);
  b.g.expand(h.q);
  b.g.expand(h.v);
  b.g.expand(h.k);
  const std::uint64_t row = std::uint64_t{part.kv_lora_rank} + part.qk_rope_head_dim;
  const NodeId cache = b.cache(b.s.cache_type_k, {row, b.full.cells, b.s.streams, 1});
  write_keys(b, h.k, cache, b.full.key_rows);
  const NodeId mask =
      part.sparse ? mask_of_choice(b, b.full.mask, b.chosen_cells, ElementType::f32) : b.full.mask;
  const NodeId keys = cached_keys(b, cache, row, 1);
  Extent ne = b.g[keys].ne;
  ne[0] = part.kv_lora_rank;
  const NodeId values = slice(b.g, keys, ne, 0);
  const NodeId decompression = b.weight(Role::v_b, part.kv_lora_rank, part.v_head_dim, part.heads);
  const std::uint64_t most_cells = part.sparse ? b.g[b.chosen_cells].ne[0] : 0;
  return attend(b, {h.q, keys, values}, mask, no_node, decompression, most_cells);
}

}  // namespace

NodeId attention(Builder& b, const LatentAttention& part, NodeId x) {
  NodeId found = no_node;
  if (part.absorbed) {
    found = absorbed_attention(b, part, x);
  } else {
    const CachedHeads heads = {part.heads, query_head(part), part.v_head_dim};
    found = attend_through_cache(b, heads, decompressed_heads(b, part, x), b.full);
  }
  if (part.output_gate) found = mul(b.g, found, unary(b.g, b.project(Role::attn_gate, x, b.g[found].ne[0])));
  return b.project(Role::o, found, b.a.hidden_size);
}

}  // namespace vramcalc::llama_cpp::graph
