#include "runtime/llama_cpp/graph/builder.hpp"

namespace vramcalc::llama_cpp::graph {

NodeId norm(Builder& b, NodeId x, NormKind kind, NodeId weight) {
  const std::uint64_t width = b.g[x].ne[0];
  NodeId result = b.g.like(kind == NormKind::rms || b.a.graph.norms_by_rms ? Op::rms_norm : Op::norm, x);
  if (kind == NormKind::none) return result;  // a norm without learned weights (OLMo)
  // Otherwise the norm would run on the device of the previous layer (src/llama-context.cpp, graph_get_cb).
  if (b.in_layer && b.keeps_norms_in_place()) b.pin(result, b.layer_backend);
  result = mul(b.g, result, weight == no_node ? b.vector(width) : weight);
  return kind == NormKind::layer ? add(b.g, result, b.vector(width)) : result;
}

NodeId norm(Builder& b, NodeId x) { return norm(b, x, b.a.norm); }

}  // namespace vramcalc::llama_cpp::graph
