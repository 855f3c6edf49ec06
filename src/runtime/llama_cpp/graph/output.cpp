#include "runtime/llama_cpp/graph/builder.hpp"

namespace vramcalc::llama_cpp::graph {

// Final norm and logits; both stay until the host has read them.
void output(Builder& b, NodeId x) {
  using RowSelection = GraphTraits::RowSelection;
  const auto keep = [&](NodeId id) { b.g[id].output = true; };
  const RowSelection rows = b.a.graph.row_selection;
  if (rows == RowSelection::before_final_norm) {
    keep(x);
    x = get_rows(b.g, x, b.out_ids);
  }
  x = norm(b, x);
  if (rows == RowSelection::after_final_norm) {
    keep(x);
    x = get_rows(b.g, x, b.out_ids);
  }
  keep(x);
  if (b.a.graph.scales_final_hidden) x = scale(b.g, x);
  x = b.project(x, b.a.vocab_size, b.a.output_bias);
  if (b.a.scales_logits) x = scale(b.g, x);
  if (b.a.softcaps_logits) x = scale(b.g, unary(b.g, scale(b.g, x)));
  keep(x);
  b.g.expand(x);
}

}  // namespace vramcalc::llama_cpp::graph
