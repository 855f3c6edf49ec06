#include <algorithm>

#include "runtime/llama_cpp/graph/builder.hpp"

// DeepSeek V4: a short window of raw keys, which are also the values, and before it one compressed row per 4
// or 128 positions; with 4, an indexer chooses among the rows (src/models/deepseek4.cpp,
// src/llama-kv-cache-dsv4.cpp).
namespace vramcalc::llama_cpp::graph {
namespace {

constexpr std::uint64_t cell_step = 256;

// Neighbouring blocks of four overlap, so each row combines two; blocks of 128 do not overlap.
constexpr std::uint32_t overlapping_ratio = 4;

struct Shape {
  std::uint64_t ratio;
  std::uint64_t head;
  std::uint64_t halves() const { return ratio == overlapping_ratio ? 2 : 1; }
  std::uint64_t state_rows() const { return halves() * ratio; }
};

// Every sequence has its own stream, regardless of the settings.
std::uint64_t rows_of_cache(const Builder& b, std::uint64_t ratio) {
  return round_up(std::max<std::uint64_t>(1, (b.s.cells + ratio - 1) / ratio), cell_step);
}

std::uint64_t cells_of_window(const Builder& b, std::uint64_t window) {
  const bool all = b.s.window_cells == b.s.cells;
  return all ? b.s.cells : round_up(std::min<std::uint64_t>(b.s.cells, window + b.s.ubatch), cell_step);
}

NodeId rotation(Builder& b, std::uint64_t head, bool always) {
  if (!always && (!is_quantized(b.s.cache_type_k) || head % 64 != 0)) return no_node;
  const std::uint64_t width = rotation_width(head);
  return b.g.input(ElementType::f32, {width, width, 1, 1});
}

NodeId numbers(Builder& b, std::uint64_t count, ElementType type = ElementType::i32) {
  return b.g.input(type, {count, 1, 1, 1});
}

// The reserved graph has room for the most blocks that the tokens can complete in any distribution.
CompressionInputs compression_inputs(Builder& b, const Shape& shape, ElementType mask_type) {
  const std::uint64_t sequences = b.s.sequences, blocks = b.tokens / shape.ratio + sequences;
  const std::uint64_t kept = std::min(b.tokens, shape.state_rows() * sequences);
  CompressionInputs in;
  in.positions = numbers(b, b.tokens);
  in.kept_from = numbers(b, kept);
  in.kept_to = numbers(b, kept);
  in.read = numbers(b, shape.halves() * shape.ratio * blocks);
  in.written_rows = numbers(b, blocks, ElementType::i64);
  in.written_positions = numbers(b, blocks);
  in.mask = b.g.input(mask_type, {rows_of_cache(b, shape.ratio), b.tokens / sequences, 1, sequences});
  return in;
}

// ---- compression

struct Compressor {
  Shape shape;
  Role values, scores, positions;
  const CompressionInputs& in;
};

struct Pair {
  NodeId values = no_node;
  NodeId scores = no_node;
};

Pair project_tokens(Builder& b, const Compressor& c, NodeId x) {
  const std::uint64_t width = c.shape.halves() * c.shape.head;
  const NodeId values = b.project(c.values, x, width);
  const NodeId scores = b.project(c.scores, x, width);
  const NodeId offsets = get_rows(b.g, b.weight(c.positions, width, c.shape.ratio), c.in.positions);
  return {values, add(b.g, scores, offsets)};
}

Pair states(Builder& b, const Compressor& c) {
  const Extent ne = {c.shape.halves() * c.shape.head, c.shape.state_rows(), b.s.sequences, 1};
  return {b.cache(ElementType::f32, ne), b.cache(ElementType::f32, ne)};
}

NodeId all_rows(Builder& b, NodeId state) {
  const Node table = b.g[state];
  const std::uint64_t rows = table.ne[1] * table.ne[2];
  return b.g.view(state, {table.ne[0], rows, 1, 1}, {4, table.nb[1], rows * table.nb[1], rows * table.nb[1]});
}

// The rows of unfinished blocks, followed by those of the batch.
NodeId behind_state(Builder& b, NodeId state, NodeId tokens) {
  const NodeId rows = all_rows(b, state);
  return concat(b.g, slice(b.g, rows, b.g[rows].ne, 0), tokens, 1);
}

NodeId with_empty_row(Builder& b, NodeId table) {
  Graph& g = b.g;
  const std::uint64_t width = g[table].ne[0];
  const NodeId row =
      scale(g, g.view(table, {width, 1, 1, 1}, contiguous_strides(ElementType::f32, {width, 1, 1, 1})));
  return concat(g, table, g.reshape(row, {width, 1, 1, 1}), 1);
}

NodeId half_of_rows(Builder& b, const Compressor& c, NodeId rows, std::uint64_t half) {
  Graph& g = b.g;
  const std::uint64_t head = c.shape.head, count = g[rows].ne[1] / 2, row = g[rows].nb[1];
  const NodeId part =
      g.view(rows, {head, count, 1, 1}, {4, row, row * count, row * count}, half * (count * row + 4 * head));
  return g.reshape(contiguous(g, part), {head, c.shape.ratio, count / c.shape.ratio, 1});
}

// Values and scores of all blocks, block by block.
Pair blocks_of(Builder& b, const Compressor& c, Pair source) {
  Graph& g = b.g;
  const std::uint64_t blocks = g[c.in.written_positions].ne[0];
  if (c.shape.halves() == 1) {
    const Extent shape = {c.shape.head, c.shape.ratio, blocks, 1};
    const NodeId values = g.reshape(get_rows(g, source.values, c.in.read), shape);
    return {values, g.reshape(get_rows(g, source.scores, c.in.read), shape)};
  }
  source = {with_empty_row(b, source.values), with_empty_row(b, source.scores)};
  const NodeId values = get_rows(g, source.values, c.in.read);
  const NodeId scores = get_rows(g, source.scores, c.in.read);
  const NodeId values_before = half_of_rows(b, c, values, 0);
  const NodeId scores_before = half_of_rows(b, c, scores, 0);
  const NodeId values_now = half_of_rows(b, c, values, 1);
  const NodeId scores_now = half_of_rows(b, c, scores, 1);
  return {concat(g, values_before, values_now, 1), concat(g, scores_before, scores_now, 1)};
}

// One row per block: the sum of its values, weighted by the softmax of its scores.
NodeId compressed(Builder& b, const Compressor& c, const Pair& source) {
  Graph& g = b.g;
  const Pair blocks = blocks_of(b, c, source);
  const NodeId values = contiguous(g, g.permute(blocks.values, {1, 0, 2, 3}));
  const NodeId weights = soft_max(g, contiguous(g, g.permute(blocks.scores, {1, 0, 2, 3})));
  NodeId rows = sum_rows(g, mul(g, values, weights));
  rows = norm(b, contiguous(g, g.permute(rows, {1, 0, 2, 3})), NormKind::rms, {});
  return rope(g, rows, c.in.written_positions);
}

// Writes the rows that the batch completes into the cache, and unfinished blocks into the state.
NodeId compress(Builder& b, const Compressor& c, NodeId x) {
  const Pair tokens = project_tokens(b, c, x);
  const Pair state = states(b, c);
  const Pair source = {behind_state(b, state.values, tokens.values),
                       behind_state(b, state.scores, tokens.scores)};
  NodeId rows = compressed(b, c, source);
  if (c.in.rotation != no_node) rows = rotate(b.g, rows, c.in.rotation);
  const NodeId cache =
      b.cache(b.s.cache_type_k, {c.shape.head, rows_of_cache(b, c.shape.ratio), b.s.sequences, 1});
  write_keys(b, rows, cache, c.in.written_rows);
  const NodeId values = get_rows(b.g, tokens.values, c.in.kept_from);
  const NodeId scores = get_rows(b.g, tokens.scores, c.in.kept_from);
  b.g.expand(set_rows(b.g, all_rows(b, state.values), values, c.in.kept_to));
  b.g.expand(set_rows(b.g, all_rows(b, state.scores), scores, c.in.kept_to));
  return cache;
}

// ---- attention

NodeId rows_seen(Builder& b, NodeId cache) {
  const NodeId all = cached_keys(b, cache, b.g[cache].ne[0], 1);
  return slice(b.g, all, b.g[all].ne, 0);
}

NodeId choose_rows(Builder& b, const Indexer& indexer, NodeId cache, NodeId compressed_queries, NodeId x) {
  Graph& g = b.g;
  const std::uint64_t heads = indexer.heads, head = indexer.key_length, sequences = b.s.sequences;
  const CompressionInputs& in = b.compressed.indexed;
  NodeId q =
      g.reshape(b.project(Role::indexer_q_b, compressed_queries, heads * head), {head, heads, b.tokens, 1});
  q = rotate(g, rope(g, q, b.positions), in.rotation);
  NodeId weights = scale(g, b.project(Role::indexer_proj, x, heads));
  const NodeId keys = rows_seen(b, cache);
  q = g.view(q, {head, heads, b.tokens / sequences, sequences},
             {4, g[q].nb[1], g[q].nb[2], g[q].nb[3] / sequences});
  weights = g.view(weights, {heads, b.tokens / sequences, 1, sequences},
                   {4, g[weights].nb[1], g[weights].nb[2] / sequences, g[weights].nb[3] / sequences});
  const NodeId scores =
      g.compute(Op::lightning_indexer, ElementType::f32, {g[keys].ne[2], b.tokens / sequences, 1, sequences},
                {q, keys, weights, in.mask});
  return contiguous(g, top_k(g, scores, std::min<std::uint64_t>(g[scores].ne[0], indexer.top_k)));
}

struct Queries {
  NodeId q, kv;
};

NodeId attend_to(Builder& b, const CompressedAttention& part, Queries h, NodeId cache, NodeId mask,
                 NodeId choice) {
  Graph& g = b.g;
  const CacheInputs& raw = b.compressed.raw;
  if (raw.key_rotation != no_node) h = {rotate(g, h.q, raw.key_rotation), rotate(g, h.kv, raw.key_rotation)};
  g.expand(h.q);
  g.expand(h.kv);
  const NodeId raw_cache = b.cache(b.s.cache_type_k, {part.head_dim, raw.cells, b.s.sequences, 1});
  write_keys(b, h.kv, raw_cache, raw.key_rows);
  NodeId keys = cached_keys(b, raw_cache, part.head_dim, 1);
  NodeId whole_mask = raw.mask;
  std::uint64_t most_cells = 0;
  if (cache != no_node) {
    keys = concat(g, keys, rows_seen(b, cache), 2);
    whole_mask =
        concat(g, raw.mask, choice == no_node ? mask : mask_of_choice(b, mask, choice, g[mask].type), 0);
  }
  if (choice != no_node) most_cells = std::min<std::uint64_t>(raw.cells, part.window) + g[choice].ne[0];
  const NodeId found =
      attend(b, {h.q, keys, keys}, whole_mask, b.vector(part.heads, {Role::attn_sinks}), no_node, most_cells);
  return raw.key_rotation == no_node ? found : rotate(g, found, raw.key_rotation);
}

// Two low-rank factors, the first separate for each group of heads.
NodeId projected_output(Builder& b, const CompressedAttention& part, NodeId found) {
  Graph& g = b.g;
  const std::uint64_t group = std::uint64_t{part.heads} / part.o_groups * part.head_dim;
  NodeId x = g.reshape(found, {part.head_dim, part.heads, b.tokens, 1});
  x = rope(g, x, b.positions);  // rotated back
  x = g.permute(g.reshape(x, {group, part.o_groups, b.tokens, 1}), {0, 2, 1, 3});
  x = mul_mat(g, b.weight(Role::o_a, group, part.o_lora_rank, part.o_groups), x);
  const std::uint64_t width = std::uint64_t{part.o_lora_rank} * part.o_groups;
  x = contiguous(g, g.permute(x, {0, 2, 1, 3}), {width, b.tokens, 1, 1});
  return b.project(Role::o_b, x, b.a.hidden_size);
}

}  // namespace

CompressedInputs compressed_inputs(Builder& b, const CompressedAttention& part, const Indexer& indexer) {
  const ElementType mask_type = b.s.flash_attention ? ElementType::f16 : ElementType::f32;
  const std::uint64_t head = part.head_dim;
  CompressedInputs in;
  in.raw.cells = cells_of_window(b, part.window);
  in.raw.key_rows = numbers(b, b.tokens, ElementType::i64);
  in.raw.mask = b.g.input(mask_type, {in.raw.cells, b.tokens / b.s.sequences, 1, b.s.sequences});
  in.raw.key_rotation = rotation(b, head, false);
  in.by_4 = compression_inputs(b, {4, head}, mask_type);
  in.by_128 = compression_inputs(b, {128, head}, mask_type);
  in.indexed = compression_inputs(b, {4, indexer.key_length}, ElementType::f16);
  in.by_4.rotation = rotation(b, head, false);
  in.by_128.rotation = rotation(b, head, false);
  in.indexed.rotation = rotation(b, indexer.key_length, true);
  return in;
}

NodeId attention(Builder& b, const CompressedAttention& part, NodeId x) {
  Graph& g = b.g;
  const std::uint64_t head = part.head_dim, heads = part.heads;
  const NodeId compressed_queries =
      norm(b, b.project(Role::q_a, x, part.q_lora_rank), NormKind::rms, {Role::q_a_norm});
  NodeId q = g.reshape(b.project(Role::q_b, compressed_queries, heads * head), {head, heads, b.tokens, 1});
  q = rope(g, g.like(Op::rms_norm, q), b.positions);
  NodeId kv = g.reshape(norm(b, b.project(Role::kv, x, head), NormKind::rms, {Role::kv_a_norm}),
                        {head, 1, b.tokens, 1});
  kv = rope(g, kv, b.positions);

  NodeId cache = no_node, mask = no_node, choice = no_node;
  if (part.compress_ratio != 0) {
    const CompressionInputs& in = part.compress_ratio == 4 ? b.compressed.by_4 : b.compressed.by_128;
    cache = compress(b,
                     {
                         {part.compress_ratio, head},
                         Role::compressor_kv,
                         Role::compressor_gate,
                         Role::compressor_ape,
                         in
    },
                     x);
    mask = in.mask;
  }
  if (part.indexer) {
    const Shape shape = {part.compress_ratio, part.indexer->key_length};
    const NodeId keys = compress(b,
                                 {shape, Role::indexer_compressor_kv, Role::indexer_compressor_gate,
                                  Role::indexer_compressor_ape, b.compressed.indexed},
                                 x);
    choice = choose_rows(b, *part.indexer, keys, compressed_queries, x);
  }
  return projected_output(b, part, attend_to(b, part, {q, kv}, cache, mask, choice));
}

}  // namespace vramcalc::llama_cpp::graph
