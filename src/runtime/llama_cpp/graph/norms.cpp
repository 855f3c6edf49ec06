#include "runtime/llama_cpp/graph/builder.hpp"

namespace vramcalc::llama_cpp::graph {

NodeId norm(Builder& b, NodeId x, NormKind kind) {
  const std::uint64_t width = b.g[x].ne[0];
  NodeId result = b.g.like(kind == NormKind::rms || b.a.graph.norms_by_rms ? Op::rms_norm : Op::norm, x);
  if (kind == NormKind::none) return result;  // normalized, but nothing learned (OLMo)
  result = mul(b.g, result, b.vector(width));
  return kind == NormKind::layer ? add(b.g, result, b.vector(width)) : result;
}

NodeId norm(Builder& b, NodeId x) { return norm(b, x, b.a.norm); }

}  // namespace vramcalc::llama_cpp::graph
