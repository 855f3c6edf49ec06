#include <algorithm>

#include "runtime/llama_cpp/graph/builder.hpp"

namespace vramcalc::llama_cpp::graph {
namespace {

bool has_window(const Block& block) {
  const auto* part = std::get_if<GroupedQueryAttention>(&block.attention);
  return part != nullptr && part->window.has_value();
}

// The largest power of two, at least 64, that divides the head size (llama-kv-cache.cpp, build_input_k_rot).
std::uint64_t rotation_width(std::uint64_t head) {
  std::uint64_t width = 64;
  while (head % (2 * width) == 0) width *= 2;
  return width;
}

constexpr std::uint64_t value_rotation_width = 64;

struct HeadSizes {
  std::uint64_t key = 0;  // 0: they differ between the layers of this cache
  std::uint64_t value = 0;
};

HeadSizes common_head_sizes(const Architecture& a, bool of_window) {
  HeadSizes common;
  bool first = true;
  for (const Block& block : a.blocks) {
    const auto* part = std::get_if<GroupedQueryAttention>(&block.attention);
    if (part == nullptr || part->window.has_value() != of_window || part->reuses_cache_of) continue;
    if (first) common = {part->key_length, part->value_length};
    if (common.key != part->key_length) common.key = 0;
    if (common.value != part->value_length) common.value = 0;
    first = false;
  }
  return common;
}

std::uint64_t widest_value(const Architecture& a) {
  std::uint64_t widest = 0;
  for (const Block& block : a.blocks) {
    if (const auto* part = std::get_if<GroupedQueryAttention>(&block.attention)) {
      widest = std::max<std::uint64_t>(widest, std::uint64_t{part->kv_heads} * part->value_length);
    }
  }
  return widest;
}

}  // namespace

Builder::Builder(const Architecture& architecture, const GraphSettings& settings, const Backends& machine)
    : a(architecture),
      s(settings),
      backends(machine),
      tokens(round_up(settings.ubatch, settings.sequences)),
      outputs(std::min(settings.outputs, settings.ubatch)),
      windowed(std::any_of(architecture.blocks.begin(), architecture.blocks.end(), has_window)) {}

NodeId Builder::project(NodeId x, std::uint64_t rows, bool bias) {
  const NodeId result = mul_mat(g, weight(g[x].ne[0], rows), x);
  return bias ? add(g, result, vector(rows)) : result;
}

// The rows of the token embedding, looked up on the host, and the alternative to them: embeddings that the
// caller brings, for which the graph keeps room as well.
NodeId input_embedding(Builder& b) {
  const NodeId ids = b.g.input(ElementType::i32, {b.tokens, 1, 1, 1});
  const NodeId given = b.g.input(ElementType::f32, {b.a.hidden_size, b.tokens, 1, 1});
  const NodeId rows = get_rows(b.g, b.host_weight(b.a.hidden_size, b.a.vocab_size), ids);
  b.g.expand(rows);
  b.g.expand(given);
  return rows;
}

CacheInputs cache_inputs(Builder& b, bool of_window) {
  const ElementType mask_type = b.s.flash_attention ? ElementType::f16 : ElementType::f32;
  const std::uint64_t value_rows = b.s.flash_attention ? b.tokens : b.tokens * widest_value(b.a);
  CacheInputs in;
  in.cells = of_window ? b.s.window_cells : b.s.cells;
  in.key_rows = b.g.input(ElementType::i64, {b.tokens, 1, 1, 1});
  in.value_rows = b.g.input(ElementType::i64, {value_rows, 1, 1, 1});
  in.mask = b.g.input(mask_type, {in.cells, b.tokens / b.s.streams, 1, b.s.streams});
  const HeadSizes heads = common_head_sizes(b.a, of_window);
  if (is_quantized(b.s.cache_type_k) && heads.key > 0 && heads.key % 64 == 0) {
    const std::uint64_t width = rotation_width(heads.key);
    in.key_rotation = b.g.input(ElementType::f32, {width, width, 1, 1});
  }
  if (is_quantized(b.s.cache_type_v) && heads.value > 0 && heads.value % 64 == 0) {
    in.value_rotation = b.g.input(ElementType::f32, {value_rotation_width, value_rotation_width, 1, 1});
  }
  return in;
}

}  // namespace vramcalc::llama_cpp::graph
