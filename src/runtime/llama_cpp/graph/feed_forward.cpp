#include "runtime/llama_cpp/graph/builder.hpp"

namespace vramcalc::llama_cpp::graph {

NodeId feed_forward(Builder& b, const DenseFeedForward& part, NodeId x) {
  NodeId result = no_node;
  if (part.fused_gate_up) {
    result = glu(b.g, b.project(x, 2 * std::uint64_t{part.width}, part.bias));
  } else {
    const NodeId up = b.project(x, part.width, part.bias);
    if (part.gated) {
      result = glu_split(b.g, b.project(x, part.width, part.bias), up);
    } else {
      result = unary(b.g, up);
      if (part.activation == Activation::relu_squared) result = square(b.g, result);
    }
  }
  return b.project(result, b.a.hidden_size, part.bias);
}

}  // namespace vramcalc::llama_cpp::graph
