#pragma once

#include "runtime/llama_cpp/graph/graph.hpp"

// ggml's operations as shape rules: their results and the operands that they keep alive (ggml/src/ggml.c of
// llama.cpp 0.5.0). Element-wise operations have the shape of their first operand.
namespace vramcalc::llama_cpp::graph {

inline NodeId add(Graph& g, NodeId a, NodeId b) { return g.like(Op::add, a, {b}); }
inline NodeId sub(Graph& g, NodeId a, NodeId b) { return g.like(Op::sub, a, {b}); }
inline NodeId mul(Graph& g, NodeId a, NodeId b) { return g.like(Op::mul, a, {b}); }
inline NodeId div(Graph& g, NodeId a, NodeId b) { return g.like(Op::div, a, {b}); }
inline NodeId scale(Graph& g, NodeId a) { return g.like(Op::scale, a); }
inline NodeId clamp(Graph& g, NodeId a) { return g.like(Op::clamp, a); }
inline NodeId fill(Graph& g, NodeId a) { return g.like(Op::fill, a); }
inline NodeId unary(Graph& g, NodeId a) {
  return g.like(Op::unary, a);
}  // silu, gelu, relu, tanh, sigmoid, exp …
inline NodeId square(Graph& g, NodeId a) { return g.like(Op::square, a); }
inline NodeId rope(Graph& g, NodeId a, NodeId positions, NodeId factors = no_node) {
  return g.like(Op::rope, a, {positions, factors});
}
inline NodeId add_id(Graph& g, NodeId a, NodeId b, NodeId ids) { return g.like(Op::add_id, a, {b, ids}); }
inline NodeId soft_max(Graph& g, NodeId a, NodeId mask = no_node, NodeId sinks = no_node) {
  return g.like(Op::soft_max, a, {mask, sinks});
}

inline NodeId contiguous(Graph& g, NodeId a) { return g.like(Op::contiguous, a); }
inline NodeId contiguous(Graph& g, NodeId a, const Extent& ne) {
  return g.compute(Op::contiguous, g[a].type, ne, {a});
}
NodeId cast(Graph& g, NodeId a, ElementType type);

inline NodeId mul_mat(Graph& g, NodeId a, NodeId b) {
  return g.compute(Op::mul_mat, ElementType::f32, {g[a].ne[1], g[b].ne[1], g[b].ne[2], g[b].ne[3]}, {a, b});
}
inline NodeId mul_mat_id(Graph& g, NodeId experts, NodeId b, NodeId ids) {
  return g.compute(Op::mul_mat_id, ElementType::f32, {g[experts].ne[1], g[ids].ne[0], g[b].ne[2], 1},
                   {experts, b, ids});
}
// Rows selected by number, as f32 for any table type except integers.
inline NodeId get_rows(Graph& g, NodeId table, NodeId ids) {
  const ElementType type = g[table].type == ElementType::i32 ? ElementType::i32 : ElementType::f32;
  return g.compute(Op::get_rows, type, {g[table].ne[0], g[ids].ne[0], g[ids].ne[1], g[ids].ne[2]},
                   {table, ids});
}
// Rows written by number; the result is a view of the target.
inline NodeId set_rows(Graph& g, NodeId target, NodeId rows, NodeId ids) {
  return g.into(Op::set_rows, target, {rows, ids, target});
}
inline NodeId copy_into(Graph& g, NodeId from, NodeId target) {
  return g.into(Op::copy, target, {from, target});
}
inline NodeId scale_inplace(Graph& g, NodeId a) { return g.into(Op::scale, a, {a}); }

// Gate times up in one operation, from two tensors or the halves of one.
inline NodeId glu_split(Graph& g, NodeId gate, NodeId up) { return g.like(Op::glu, gate, {up}); }
inline NodeId glu(Graph& g, NodeId a) {
  Extent ne = g[a].ne;
  ne[0] /= 2;
  return g.compute(Op::glu, g[a].type, ne, {a});
}

NodeId concat(Graph& g, NodeId a, NodeId b, std::size_t dimension);
inline NodeId repeat(Graph& g, NodeId a, const Extent& ne) {
  return g.compute(Op::repeat, g[a].type, ne, {a});
}
NodeId pad(Graph& g, NodeId a, std::uint64_t behind_0, std::uint64_t behind_1 = 0);
NodeId sum_rows(Graph& g, NodeId a);
inline NodeId argsort(Graph& g, NodeId a) { return g.compute(Op::argsort, ElementType::i32, g[a].ne, {a}); }
// The first k of a full sort, seen through a view.
NodeId argsort_top_k(Graph& g, NodeId a, std::uint64_t k);
NodeId top_k(Graph& g, NodeId a, std::uint64_t k);

// A part of `a` with the strides of `a`.
NodeId slice(Graph& g, NodeId a, const Extent& ne, std::uint64_t first_byte);

NodeId flash_attention(Graph& g, NodeId q, NodeId k, NodeId v, NodeId mask, NodeId sinks, bool alibi);

// A rotation by blocks of the matrix's size (llama-impl.h, llama_mul_mat_hadamard).
NodeId rotate(Graph& g, NodeId a, NodeId matrix);

}  // namespace vramcalc::llama_cpp::graph
