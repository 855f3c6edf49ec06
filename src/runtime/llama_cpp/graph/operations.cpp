#include "runtime/llama_cpp/graph/operations.hpp"

namespace vramcalc::llama_cpp::graph {

NodeId cast(Graph& g, NodeId a, ElementType type) {
  // ggml names the result as its own second source.
  const NodeId id = g.compute(Op::copy, type, g[a].ne, {a});
  g[id].sources.append({id});
  return id;
}

NodeId concat(Graph& g, NodeId a, NodeId b, std::size_t dimension) {
  Extent ne = g[a].ne;
  ne[dimension] += g[b].ne[dimension];
  return g.compute(Op::concat, g[a].type, ne, {a, b});
}

NodeId pad(Graph& g, NodeId a, std::uint64_t behind_0, std::uint64_t behind_1) {
  Extent ne = g[a].ne;
  ne[0] += behind_0;
  ne[1] += behind_1;
  return g.compute(Op::pad, g[a].type, ne, {a});
}

NodeId sum_rows(Graph& g, NodeId a) {
  Extent ne = g[a].ne;
  ne[0] = 1;
  return g.compute(Op::sum_rows, g[a].type, ne, {a});
}

NodeId argsort_top_k(Graph& g, NodeId a, std::uint64_t k) {
  const NodeId sorted = argsort(g, a);
  Extent ne = g[sorted].ne;
  ne[0] = k;
  return slice(g, sorted, ne, 0);
}

NodeId top_k(Graph& g, NodeId a, std::uint64_t k) {
  Extent ne = g[a].ne;
  ne[0] = k;
  return g.compute(Op::top_k, ElementType::i32, ne, {a});
}

NodeId slice(Graph& g, NodeId a, const Extent& ne, std::uint64_t first_byte) {
  return g.view(a, ne, Extent(g[a].nb), first_byte);
}

NodeId flash_attention(Graph& g, NodeId q, NodeId k, NodeId v, NodeId mask, NodeId sinks, bool alibi) {
  const Extent ne = {g[v].ne[0], g[q].ne[2], g[q].ne[1], g[q].ne[3]};
  const NodeId id = g.compute(Op::flash_attention, ElementType::f32, ne, {q, k, v, mask, sinks});
  g[id].alibi = alibi;
  return id;
}

NodeId rotate(Graph& g, NodeId a, NodeId matrix) {
  const Extent ne = g[a].ne;
  const std::uint64_t block = g[matrix].ne[0];
  const std::uint64_t elements = elements_of(g[a]);
  NodeId blocks = is_contiguous(g[a]) ? g.reshape(a, {block, elements / block, 1, 1})
                                      : contiguous(g, a, {block, elements / block, 1, 1});
  return g.reshape(mul_mat(g, matrix, blocks), ne);
}

}  // namespace vramcalc::llama_cpp::graph
