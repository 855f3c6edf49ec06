#include <algorithm>

#include "runtime/llama_cpp/graph/builder.hpp"

namespace vramcalc::llama_cpp::graph {
namespace {

struct HeadsOfBlock {
  CachedHeads heads;
  bool windowed = false;
  bool owns_cache = true;
};

HeadsOfBlock heads_of(const GroupedQueryAttention& part) {
  return {
      {part.kv_heads, part.key_length, part.value_length},
      part.window.has_value(), !part.reuses_cache_of
  };
}

// The heads of a block in a KV cache; none for latent rows, from which the values are read.
std::optional<HeadsOfBlock> heads_of(const Block& block) {
  if (const auto* gqa = std::get_if<GroupedQueryAttention>(&block.attention)) return heads_of(*gqa);
  if (const auto* both = std::get_if<ParallelMamba2Attention>(&block.attention))
    return heads_of(both->attention);
  if (const auto* sparse = std::get_if<BlockSparseAttention>(&block.attention))
    return heads_of(sparse->attention);
  const auto* latent = std::get_if<LatentAttention>(&block.attention);
  if (latent == nullptr || latent->absorbed) return std::nullopt;
  const std::uint64_t key = std::uint64_t{latent->qk_nope_head_dim} + latent->qk_rope_head_dim;
  return HeadsOfBlock{
      {latent->heads, key, latent->v_head_dim}
  };
}

constexpr std::uint64_t value_rotation_width = 64;

// An input of the graph; with mixed inputs (b12211) it is kept beside the cache of each layer, in a buffer of
// its own that the log calls "rotation buffer".
NodeId rotation_matrix(Builder& b, std::uint64_t width) {
  const Extent ne = {width, width, 1, 1};
  if (!b.s.mixed_inputs) return b.g.input(ElementType::f32, ne);
  const BackendId backend = b.s.cache_on_device ? b.backend_of(b.where.of_layer(0)) : b.backends.cpu();
  return b.g.stored(Storage::cache, backend, ElementType::f32, ne);
}

// The head sizes that the layers of one cache have in common; 0 if they differ.
CachedHeads common_heads(const Architecture& a, bool of_window, bool of_predictions) {
  CachedHeads common;
  bool first = true;
  for (const Block& block : a.blocks) {
    const auto block_heads = heads_of(block);
    if (block.mtp != of_predictions || !block_heads || !block_heads->owns_cache ||
        block_heads->windowed != of_window)
      continue;
    const CachedHeads& heads = block_heads->heads;
    if (first) common = heads;
    if (common.key != heads.key) common.key = 0;
    if (common.value != heads.value) common.value = 0;
    first = false;
  }
  return common;
}

// Flash attention reads it as f16. Until pull request 23764 it was converted from f32.
NodeId mask(Builder& b, const Extent& ne) {
  const bool wide = !b.s.flash_attention || b.s.f32_mask;
  const NodeId input = b.g.input(wide ? ElementType::f32 : ElementType::f16, ne);
  return b.s.flash_attention && wide ? cast(b.g, input, ElementType::f16) : input;
}

CacheInputs cache_inputs(Builder& b, bool of_window) {
  const std::uint64_t value_rows = b.s.transposes_values() ? b.tokens * widest_cached_value(b.a) : b.tokens;
  CacheInputs in;
  if (!b.a.causal) {
    in.mask = mask(b, {b.tokens, b.tokens, 1, 1});
    return in;
  }
  in.cells = of_window ? b.s.window_cells : b.s.cells;
  in.key_rows = b.g.input(ElementType::i64, {b.tokens, 1, 1, 1});
  in.value_rows = b.g.input(ElementType::i64, {value_rows, 1, 1, 1});
  in.mask = mask(b, {in.cells, b.tokens / b.s.streams, 1, b.s.streams});
  if (!b.s.rotates_heads) return in;
  const CachedHeads heads = common_heads(b.a, of_window, b.s.predicts);
  if (is_quantized(b.s.cache_type_k) && heads.key > 0 && heads.key % 64 == 0) {
    in.key_rotation = rotation_matrix(b, rotation_width(heads.key));
  }
  if (is_quantized(b.s.cache_type_v) && heads.value > 0 && heads.value % 64 == 0) {
    in.value_rotation = rotation_matrix(b, value_rotation_width);
  }
  return in;
}

// The indexer's mask is always f16, and its keys are always rotated.
CacheInputs index_inputs(Builder& b, const Indexer& indexer) {
  CacheInputs in;
  in.cells = b.s.cells;
  in.key_rows = b.g.input(ElementType::i64, {b.tokens, 1, 1, 1});
  in.mask = b.g.input(ElementType::f16, {in.cells, b.tokens / b.s.streams, 1, b.s.streams});
  in.key_rotation = rotation_matrix(b, rotation_width(indexer.key_length));
  return in;
}

const Indexer* indexer_of(const Architecture& a) {
  for (const Block& block : a.blocks) {
    const auto* part = std::get_if<LatentAttention>(&block.attention);
    if (part != nullptr && part->indexer) return &*part->indexer;
  }
  return nullptr;
}

const BlockSparseAttention* block_sparse_of(const Architecture& a) {
  for (const Block& block : a.blocks) {
    if (const auto* part = std::get_if<BlockSparseAttention>(&block.attention)) return part;
  }
  return nullptr;
}

SparseInputs sparse_inputs(Builder& b, const BlockSparseAttention& part) {
  const std::uint64_t positions = sparse_positions(part);
  SparseInputs in;
  in.key_rows = b.g.input(ElementType::i64, {b.tokens, 1, 1, 1});
  in.bias = b.g.input(ElementType::f32, {positions / part.block_size, b.tokens, 1, 1});
  in.position_mask = b.g.input(ElementType::f32, {positions, b.tokens, 1, 1});
  in.slots = b.g.input(ElementType::i32, {positions, b.s.streams, 1, 1});
  in.blocks_of_cells = b.g.input(ElementType::i32, {b.s.cells, b.s.streams, 1, 1});
  in.mask = cast(b.g, b.full.mask, ElementType::f32);
  return in;
}

// Includes the indexer of the layers that have one.
void make_compressed_inputs(Builder& b) {
  const CompressedAttention* any = nullptr;
  for (const Block& block : b.a.blocks) {
    const auto* part = std::get_if<CompressedAttention>(&block.attention);
    if (part != nullptr && (any == nullptr || part->indexer)) any = part;
  }
  if (any != nullptr) b.compressed = compressed_inputs(b, *any, any->indexer.value_or(Indexer{}));
}

const LightningAttention* lightning_of(const Architecture& a) {
  for (const Block& block : a.blocks) {
    if (const auto* part = std::get_if<LightningAttention>(&block.attention)) return part;
  }
  return nullptr;
}

DecayInputs decay_inputs(Builder& b, const LightningAttention& part) {
  const std::uint64_t tokens = b.tokens / b.s.sequences;
  DecayInputs in;
  in.slopes = b.g.input(ElementType::f32, {part.heads, 1, 1, 1});
  in.query = b.g.input(ElementType::f32, {1, part.heads, tokens, b.s.sequences});
  in.key = b.g.input(ElementType::f32, {1, part.heads, tokens, b.s.sequences});
  in.diagonal = b.g.input(ElementType::f32, {tokens, tokens, part.heads, b.s.sequences});
  return in;
}

// A recurrent state has one row per sequence; a batch with all sequences leaves none over.
void state_inputs(Builder& b) {
  const std::uint64_t in_batch = b.s.sequences, others = b.states() - in_batch;
  const NodeId rows = b.g.input(ElementType::i32, {b.states(), 1, 1, 1});
  b.state_rows = b.g.view(rows, {in_batch, 1, 1, 1}, {4, 4 * in_batch, 4 * in_batch, 4 * in_batch});
  b.other_state_rows =
      b.g.view(rows, {others, 1, 1, 1}, {4, 4 * others, 4 * others, 4 * others}, 4 * in_batch);
}

}  // namespace

bool has_window(const Block& block) {
  const auto heads = heads_of(block);
  return heads && heads->windowed;
}

// llama-kv-cache.cpp, build_input_k_rot.
std::uint64_t rotation_width(std::uint64_t head) {
  std::uint64_t width = 64;
  while (head % (2 * width) == 0) width *= 2;
  return width;
}

std::uint64_t widest_cached_value(const Architecture& a) {
  std::uint64_t widest = 0;
  for (const Block& block : a.blocks) {
    const auto heads = heads_of(block);
    if (heads) widest = std::max(widest, heads->heads.count * heads->heads.value);
  }
  return widest;
}

// The reserved graph sees an empty cache, whose positions are padded to 256 (llama-kv-cache-msa.cpp,
// get_n_pos), so the buffer grows when a longer context is in use.
std::uint64_t sparse_positions(const BlockSparseAttention& part) { return round_up(256, part.block_size); }

GraphSettings resolved(const Architecture& a, GraphSettings settings) {
  if (!a.graph.never_flash_attention) return settings;
  settings.flash_attention = settings.flash_attention_automatic = false;
  return settings;
}

std::size_t trunk_layers(const Architecture& a) {
  const auto mtp =
      std::find_if(a.blocks.begin(), a.blocks.end(), [](const Block& block) { return block.mtp; });
  return static_cast<std::size_t>(mtp - a.blocks.begin());
}

// Inputs that no operation reads cost nothing, because only reachable tensors are allocated.
void make_inputs(Builder& b) {
  b.positions = b.g.input(ElementType::i32, {b.tokens * b.a.graph.position_components, 1, 1, 1});
  b.out_ids = b.g.input(ElementType::i32, {b.outputs, 1, 1, 1});
  b.temperature = b.g.input(ElementType::f32, {1, 1, b.tokens, 1});
  b.full = cache_inputs(b, false);
  if (b.windowed) b.window = cache_inputs(b, true);
  if (const Indexer* indexer = indexer_of(b.a)) b.index = index_inputs(b, *indexer);
  if (const auto* sparse = block_sparse_of(b.a)) b.sparse = sparse_inputs(b, *sparse);
  if (const auto* lightning = lightning_of(b.a)) b.decay = decay_inputs(b, *lightning);
  make_compressed_inputs(b);
  state_inputs(b);
  b.caches.resize(b.a.blocks.size());
}

namespace {

// Micro-batches that mix tokens with embeddings from the caller: the rows of the tokens are written between
// the embeddings. The reserved graph has this branch too, although it does not use it, and nothing ever frees
// its result (b12211; the inputs are those that its log lists, inp_mixed_embd, _tokens and _slots).
void expand_mixed_inputs(Builder& b, NodeId table, std::uint64_t width) {
  const NodeId given = b.g.input(ElementType::f32, {width, b.tokens, 1, 1});
  const NodeId ids = b.g.input(ElementType::i32, {b.tokens, 1, 1, 1});
  const NodeId slots = b.g.input(ElementType::i64, {b.tokens, 1, 1, 1});
  NodeId rows = get_rows(b.g, table, ids);
  if (width != b.a.hidden_size) rows = pad(b.g, rows, width - b.a.hidden_size);
  b.g.expand(set_rows(b.g, contiguous(b.g, given), rows, slots));
}

}  // namespace

// The rows of the token embedding, looked up on the host, and room for embeddings from the caller instead.
// Vision models add rows to the first layers, for which text graphs have room too.
NodeId input_embedding(Builder& b) {
  const std::uint64_t width = b.a.hidden_size * (1ull + b.a.graph.stacked_embeddings);
  const NodeId ids = b.token_ids = b.g.input(ElementType::i32, {b.tokens, 1, 1, 1});
  const NodeId given =
      b.s.room_for_embeddings ? b.g.input(ElementType::f32, {width, b.tokens, 1, 1}) : no_node;
  const NodeId table = b.input_weight(Role::embedding, ElementType::f16, b.a.hidden_size, b.a.vocab_size);
  NodeId rows = get_rows(b.g, table, ids);
  if (width != b.a.hidden_size) rows = pad(b.g, rows, width - b.a.hidden_size);
  b.g.expand(rows);
  if (given != no_node) b.g.expand(given);
  if (b.s.mixed_inputs) expand_mixed_inputs(b, table, width);
  if (width == b.a.hidden_size) return rows;
  b.stacked_embedding = rows;
  const NodeId own = slice(b.g, rows, {b.a.hidden_size, b.tokens, 1, 1}, 0);
  b.g.expand(own);
  return own;
}

NodeId with_stacked_embedding(Builder& b, NodeId x) {
  if (b.layer >= b.a.graph.stacked_embeddings) return x;
  const std::uint64_t first = 4 * (b.layer + 1) * b.a.hidden_size;
  return add(b.g, x, slice(b.g, b.stacked_embedding, {b.a.hidden_size, b.tokens, 1, 1}, first));
}

}  // namespace vramcalc::llama_cpp::graph
