#include "runtime/llama_cpp/graph/builder.hpp"

namespace vramcalc::llama_cpp::graph {
namespace {

void keep(Builder& b, NodeId x) { b.g[x].output = true; }

NodeId logits(Builder& b, NodeId x) {
  if (b.a.graph.scales_final_hidden) x = scale(b.g, x);
  x = b.project(b.a.writes_output() ? Role::output : Role::embedding, x, b.a.vocab_size, b.a.output_bias);
  if (b.a.scales_logits) x = scale(b.g, x);
  return b.a.softcaps_logits ? scale(b.g, unary(b.g, scale(b.g, x))) : x;
}

// One row per sequence instead of one per token.
NodeId pooled(Builder& b, NodeId x) {
  switch (b.a.graph.pooling) {
    case GraphTraits::Pooling::mean: {
      const NodeId weights = b.g.input(ElementType::f32, {b.tokens, b.s.sequences, 1, 1});
      return mul_mat(b.g, contiguous(b.g, b.g.transpose(x)), weights);
    }
    case GraphTraits::Pooling::one_token:
      return get_rows(b.g, x, b.g.input(ElementType::i32, {b.s.sequences, 1, 1, 1}));
    case GraphTraits::Pooling::none: break;
  }
  return x;
}

}  // namespace

// Final norm and logits, which both stay until the host has read them.
void output(Builder& b, NodeId x) {
  using RowSelection = GraphTraits::RowSelection;
  const RowSelection rows = b.row_selection();
  if (rows == RowSelection::before_final_norm) {
    keep(b, x);
    x = get_rows(b.g, x, b.out_ids);
  }
  if (b.a.final_norm || b.a.norm == NormKind::none) x = norm(b, x, {b.a.final_norm_role});
  if (rows == RowSelection::after_final_norm) {
    keep(b, x);
    x = get_rows(b.g, x, b.out_ids);
  }
  keep(b, x);
  const NodeId state = x;
  if (b.a.has_output && b.a.graph.computes_logits) {
    x = logits(b, x);
    keep(b, x);
  }
  b.g.expand(x);
  if (!b.s.embeddings) return;
  x = pooled(b, state);
  keep(b, x);
  b.g.expand(x);
}

}  // namespace vramcalc::llama_cpp::graph
