#include "runtime/llama_cpp/graph/builder.hpp"

namespace vramcalc::llama_cpp::graph {

// beta tanh(gate/beta) sigmoid(gate) · beta' tanh(up/beta')
NodeId situ(Builder& b, NodeId gate, NodeId up) {
  const auto bounded = [&](NodeId x) { return scale(b.g, unary(b.g, scale(b.g, x))); };
  const NodeId activated = mul(b.g, bounded(gate), unary(b.g, gate));
  return mul(b.g, activated, bounded(up));
}

NodeId feed_forward(Builder& b, const DenseFeedForward& part, NodeId x, const FeedForwardRoles& roles) {
  NodeId result = no_node;
  if (part.fused_gate_up) {
    result = glu(b.g, b.project(roles.up, x, 2 * std::uint64_t{part.width}, part.bias));
  } else {
    const NodeId up = b.project(roles.up, x, part.width, part.bias);
    if (part.activation == Activation::situ) {
      result = situ(b, b.project(roles.gate, x, part.width), up);
    } else if (part.gated) {
      result = glu_split(b.g, b.project(roles.gate, x, part.width, part.bias), up);
    } else {
      result = unary(b.g, up);
      if (part.activation == Activation::relu_squared) result = square(b.g, result);
    }
  }
  return b.project(roles.down, result, b.a.hidden_size, part.bias);
}

}  // namespace vramcalc::llama_cpp::graph
