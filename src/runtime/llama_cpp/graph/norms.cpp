#include "runtime/llama_cpp/graph/builder.hpp"

namespace vramcalc::llama_cpp::graph {
namespace {

// The biases of these weights.
NodeId bias_of(Builder& b, std::uint64_t width, Names names) {
  TensorKind bias = names.size() == 0 ? TensorKind() : *names.begin();
  for (const TensorKind& name : names)
    if (b.moved_weight({name.role, Component::bias}) != nullptr) bias = name;
  bias.component = Component::bias;
  return b.vector(width, {bias});
}

}  // namespace

NodeId norm(Builder& b, NodeId x, NormKind kind, NodeId weight, Names names) {
  const std::uint64_t width = b.g[x].ne[0];
  NodeId result = b.g.like(kind == NormKind::rms || b.a.graph.norms_by_rms ? Op::rms_norm : Op::norm, x);
  if (kind == NormKind::none) return result;  // a norm without learned weights (OLMo)
  // Otherwise the norm would run on the device of the previous layer (src/llama-context.cpp, graph_get_cb).
  if (b.in_layer && b.keeps_norms_in_place()) b.pin(result, b.layer_backend);
  result = mul(b.g, result, weight == no_node ? b.vector(width, names) : weight);
  return kind == NormKind::layer ? add(b.g, result, bias_of(b, width, names)) : result;
}

NodeId norm(Builder& b, NodeId x, NormKind kind, Names names) { return norm(b, x, kind, no_node, names); }

NodeId norm(Builder& b, NodeId x, Names names) { return norm(b, x, b.a.norm, names); }

}  // namespace vramcalc::llama_cpp::graph
