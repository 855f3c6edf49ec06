#include "runtime/llama_cpp/graph/builder.hpp"
#include "vramcalc/error.hpp"

// Kimi K3: the residual stream is kept at regular intervals, and each part reads a mixture of the kept states
// and the additions since (src/models/kimi-k3.cpp).
namespace vramcalc::llama_cpp::graph {
namespace {

NodeId score(Builder& b, NodeId x) {
  const NodeId normed = b.g.like(Op::rms_norm, x);
  return sum_rows(b.g, mul(b.g, normed, b.vector(b.a.hidden_size, {})));
}

void push(Builder& b, NodeId x) {
  const NodeId kept = b.g.reshape(x, {b.a.hidden_size, 1, b.tokens, 1});
  b.residual_stack = b.residual_stack == no_node ? kept : concat(b.g, b.residual_stack, kept, 1);
}

}  // namespace

NodeId mix_residuals(Builder& b, NodeId x) {
  Graph& g = b.g;
  const NodeId stack = b.residual_stack;
  if (stack == no_node) return x;
  const std::uint64_t kept = g[stack].ne[1];
  const NodeId of_stack = g.reshape(score(b, stack), {kept, b.tokens, 1, 1});
  const NodeId weights = soft_max(g, concat(g, of_stack, score(b, x), 0));
  const NodeId stack_weights = contiguous(g, slice(g, weights, {kept, b.tokens, 1, 1}, 0));
  const NodeId own_weight = contiguous(g, slice(g, weights, {1, b.tokens, 1, 1}, 4 * kept));
  const NodeId mixed =
      g.compute(Op::other, ElementType::f32, {b.a.hidden_size, b.tokens, 1, 1}, {stack, stack_weights});
  return add(g, mixed, mul(g, x, own_weight));
}

NodeId residual_score_block(Builder& b, const Block& block, NodeId x) {
  if (b.a.graph.residual_stack_interval == 0)
    throw Error(ErrorCode::bad_value,
                b.a.gguf_name +
                    ": the number of layers between two kept residual states is unknown "
                    "(attn_res_block_size)");
  NodeId input = mix_residuals(b, x);
  const bool keeps = b.layer % b.a.graph.residual_stack_interval == 0;
  if (keeps) push(b, x);
  input = norm(b, input, {Role::attn_norm});
  b.g.expand(input);
  const NodeId attended = attention_part(b, block, input);
  x = keeps ? attended : add(b.g, x, attended);
  input = norm(b, mix_residuals(b, x), {Role::ffn_norm});
  return add(b.g, x, feed_forward_part(b, block, input));
}

}  // namespace vramcalc::llama_cpp::graph
