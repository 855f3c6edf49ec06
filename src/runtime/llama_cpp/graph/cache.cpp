#include "runtime/llama_cpp/graph/builder.hpp"

namespace vramcalc::llama_cpp::graph {
namespace {

NodeId merged_heads(Builder& b, NodeId x) {
  const Extent ne = b.g[x].ne;
  return b.g.view(x, {ne[0] * ne[1], ne[2], 1, 1}, {4, b.g[x].nb[2], b.g[x].nb[2] * ne[2], 0});
}

// Without flash attention values are stored transposed, one element per row.
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

NodeId cached_transposed_values(Builder& b, NodeId cache, std::uint64_t head, std::uint64_t heads) {
  const Node c = b.g[cache];
  const std::uint64_t cells = c.ne[1];
  return b.g.view(cache, {cells, heads, head, c.ne[2]},
                  {c.nb[0], row_stride(c.type, cells * head), row_stride(c.type, cells), c.nb[2]});
}

}  // namespace

void write_keys(Builder& b, NodeId k, NodeId cache, NodeId rows) {
  const NodeId flat = merged_heads(b, k);
  if (b.s.streams > 1) {
    const Extent ne = b.g[cache].ne;
    cache = b.g.reshape(cache, {ne[0], ne[1] * ne[2], 1, 1});
  }
  b.g.expand(set_rows(b.g, cache, flat, rows));
}

NodeId cached_keys(Builder& b, NodeId cache, std::uint64_t head, std::uint64_t heads) {
  const Node c = b.g[cache];
  return b.g.view(cache, {head, heads, c.ne[1], c.ne[2]},
                  {c.nb[0], row_stride(c.type, head), c.nb[1], c.nb[2]});
}

Heads read_cache(Builder& b, const CachedHeads& heads, const Heads& cache) {
  const auto cached_values = b.s.transposes_values() ? cached_transposed_values : cached_keys;
  const NodeId k = cached_keys(b, cache.k, heads.key, heads.count);
  return {cache.q, k, cached_values(b, cache.v, heads.value, heads.count)};
}

Heads make_cache(Builder& b, const CachedHeads& heads, const CacheInputs& in) {
  const std::uint64_t value_width =
      b.s.transposes_values() ? widest_cached_value(b.a) : heads.count * heads.value;
  const NodeId keys = b.cache(b.s.cache_type_k, {heads.count * heads.key, in.cells, b.s.streams, 1});
  return {no_node, keys, b.cache(b.s.cache_type_v, {value_width, in.cells, b.s.streams, 1})};
}

Heads through_cache(Builder& b, const CachedHeads& heads, const Heads& h, const CacheInputs& in) {
  const Heads cache = b.caches[b.layer] = make_cache(b, heads, in);
  write_keys(b, h.k, cache.k, in.key_rows);
  (b.s.transposes_values() ? write_transposed_values : write_keys)(b, h.v, cache.v, in.value_rows);
  return read_cache(b, heads, {h.q, cache.k, cache.v});
}

}  // namespace vramcalc::llama_cpp::graph
