#include <algorithm>

#include "runtime/llama_cpp/graph/builder.hpp"

// MiniMax-M3: index heads score the cells, blocks of cells are chosen by their best score, and each group of
// heads attends to its own choice (src/models/minimax-m3.cpp).
namespace vramcalc::llama_cpp::graph {
namespace {

// Flash attention over the cells of one stream with one mask per group of heads.
NodeId attend_by_group(Builder& b, NodeId queries, NodeId k, NodeId v, NodeId mask, std::uint64_t group) {
  Graph& g = b.g;
  const Extent ne = g[queries].ne;
  const std::uint64_t groups = g[k].ne[3];
  NodeId q = g.reshape(queries, {ne[0], group, groups, ne[1] * ne[2] / (group * groups)});
  q = g.permute(q, {0, 2, 3, 1});
  NodeId result = flash_attention(g, q, k, v, mask, no_node, false);
  result = g.permute(result, {0, 1, 3, 2});
  if (!is_contiguous(g[result])) result = contiguous(g, result);
  return g.reshape(result, {ne[0] * ne[1], ne[2], 1, 1});
}

struct Choice {
  const BlockSparseAttention& part;
  NodeId index_queries;
  NodeId index_keys;  // as cached
  std::uint64_t blocks;
};

NodeId row_of(Graph& g, NodeId table, std::uint64_t row) {
  const std::uint64_t width = g[table].ne[0];
  return g.view(table, {width, 1, 1, 1}, contiguous_strides(g[table].type, {width, 1, 1, 1}),
                row * g[table].nb[1]);
}

// The best score of every block of cells, by index head and token.
NodeId block_scores(Builder& b, const Choice& c, std::uint64_t stream) {
  Graph& g = b.g;
  const std::uint64_t head = c.part.index_dim, heads = c.part.index_heads;
  const std::uint64_t tokens = b.tokens / b.s.streams, positions = c.blocks * c.part.block_size;
  const Node iq = g[c.index_queries], ik = g[c.index_keys];
  const NodeId queries = g.view(c.index_queries, {head, heads, tokens, 1},
                                {4, iq.nb[1], iq.nb[2], iq.nb[2] * tokens}, stream * tokens * iq.nb[2]);
  const NodeId keys = g.view(c.index_keys, {head, ik.ne[2], 1, 1},
                             {ik.nb[0], ik.nb[2], ik.nb[2] * ik.ne[2], 0}, stream * ik.nb[3]);
  const std::uint64_t mask_row = g[b.sparse.position_mask].nb[1];
  const NodeId mask = g.view(b.sparse.position_mask, {positions, 1, tokens, 1},
                             {4, mask_row, mask_row, mask_row * tokens}, stream * tokens * mask_row);
  const NodeId in_order = get_rows(g, keys, row_of(g, b.sparse.slots, stream));
  NodeId scores = mul_mat(g, in_order, g.reshape(queries, {head, heads * tokens, 1, 1}));
  scores = g.into(Op::add, g.reshape(scores, {positions, heads, tokens, 1}),
                  {g.reshape(scores, {positions, heads, tokens, 1}), mask});
  return g.compute(Op::other, ElementType::f32, {c.blocks, heads, tokens, 1}, {scores});
}

NodeId bias_of(Builder& b, const Choice& c, std::uint64_t stream) {
  const std::uint64_t tokens = b.tokens / b.s.streams, row = b.g[b.sparse.bias].nb[1];
  return b.g.view(b.sparse.bias, {c.blocks, 1, tokens, 1}, {4, row, row, row * tokens},
                  stream * tokens * row);
}

// Blocks that were not chosen are closed, then the mask is widened from blocks to cells.
NodeId mask_of_choice(Builder& b, const Choice& c, NodeId chosen, NodeId bias, std::uint64_t stream) {
  Graph& g = b.g;
  const std::uint64_t heads = c.part.index_heads, tokens = b.tokens / b.s.streams, cells = b.s.cells;
  const std::uint64_t kept = g[chosen].ne[0];
  NodeId closed = cast(g, scale(g, bias), ElementType::f16);
  closed = repeat(g, closed, {c.blocks, heads, tokens, 1});
  const NodeId open = scale(g, cast(g, chosen, ElementType::f32));
  NodeId mask = set_rows(g, g.reshape(closed, {1, c.blocks, heads * tokens, 1}),
                         g.reshape(open, {1, kept, heads * tokens, 1}),
                         g.reshape(chosen, {kept, heads * tokens, 1, 1}));
  mask = g.reshape(mask, {c.blocks, heads, tokens, 1});
  mask = contiguous(g, g.permute(mask, {0, 2, 1, 3}));
  mask = contiguous(g, g.transpose(g.reshape(mask, {c.blocks, tokens * heads, 1, 1})));
  mask = contiguous(g, g.transpose(get_rows(g, mask, row_of(g, b.sparse.blocks_of_cells, stream))));
  mask = g.reshape(mask, {cells, tokens, heads, 1});
  const Node causal = g[b.sparse.mask];
  const NodeId own = g.view(b.sparse.mask, {cells, tokens, 1, 1},
                            {4, causal.nb[1], causal.nb[3], causal.nb[3]}, stream * causal.nb[3]);
  mask = g.into(Op::add, mask, {mask, own});
  return cast(g, g.reshape(mask, {cells, tokens, 1, heads}), ElementType::f16);
}

NodeId attend_in_stream(Builder& b, const Choice& c, const Heads& cached, std::uint64_t stream) {
  Graph& g = b.g;
  const std::uint64_t tokens = b.tokens / b.s.streams;
  const NodeId bias = bias_of(b, c, stream);
  const NodeId scores = add(g, block_scores(b, c, stream), bias);
  const NodeId chosen = top_k(g, scores, std::min<std::uint64_t>(c.part.top_k_blocks, c.blocks));
  const NodeId mask = mask_of_choice(b, c, chosen, bias, stream);
  const Node q = g[cached.q];
  const NodeId queries = g.view(cached.q, {q.ne[0], q.ne[1], tokens, 1},
                                {4, q.nb[1], q.nb[2], q.nb[2] * tokens}, stream * tokens * q.nb[2]);
  const auto own = [&](NodeId all) {
    const Node from = g[all];
    const NodeId part = g.view(all, {from.ne[0], from.ne[1], from.ne[2], 1}, from.nb, stream * from.nb[3]);
    return g.permute(part, {0, 3, 1, 2});
  };
  const NodeId k = own(cached.k), v = own(cached.v);
  return attend_by_group(b, queries, k, v, mask, c.part.attention.heads / c.part.attention.kv_heads);
}

Role norm_of(Role projection) {
  return projection == Role::indexer_q_proj ? Role::indexer_q_norm : Role::indexer_k_norm;
}

NodeId indexed(Builder& b, Role role, NodeId x, std::uint64_t heads, std::uint64_t head) {
  const NodeId all = b.g.reshape(b.project(role, x, heads * head), {head, heads, b.tokens, 1});
  return rope(b.g, norm(b, all, NormKind::rms, {norm_of(role)}), b.positions);
}

}  // namespace

bool uses_block_sparse_attention(const GraphSettings& s) {
  return s.flash_attention && (s.sequences == 1 || s.streams > 1);
}

NodeId attention(Builder& b, const BlockSparseAttention& part, NodeId x) {
  if (!uses_block_sparse_attention(b.s)) return attention(b, part.attention, x);
  Graph& g = b.g;
  Heads h = projected_heads(b, part.attention, x);
  const NodeId iq = indexed(b, Role::indexer_q_proj, x, part.index_heads, part.index_dim);
  const NodeId ik = indexed(b, Role::indexer_k_proj, x, 1, part.index_dim);
  const NodeId index_cache = b.cache(b.s.cache_type_k, {part.index_dim, b.s.cells, b.s.streams, 1});
  write_keys(b, ik, index_cache, b.sparse.key_rows);
  const NodeId index_keys = cached_keys(b, index_cache, part.index_dim, 1);

  rotate_heads(b, h, b.full);
  g.expand(h.q);
  g.expand(h.k);
  g.expand(h.v);
  const CachedHeads heads = {part.attention.kv_heads, part.attention.key_length, part.attention.value_length};
  const Heads cached = through_cache(b, heads, h, b.full);
  const Choice choice = {part, iq, index_keys, sparse_positions(part) / part.block_size};
  NodeId result = attend_in_stream(b, choice, cached, 0);
  std::vector<NodeId> of_streams = {result};
  for (std::uint64_t s = 1; s < b.s.streams; ++s)
    of_streams.push_back(attend_in_stream(b, choice, cached, s));
  for (std::size_t s = 1; s < of_streams.size(); ++s) result = concat(g, result, of_streams[s], 1);
  if (b.full.value_rotation != no_node) result = rotate(g, result, b.full.value_rotation);
  return b.project(Role::o, result, b.a.hidden_size);
}

}  // namespace vramcalc::llama_cpp::graph
