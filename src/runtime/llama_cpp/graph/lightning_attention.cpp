#include "runtime/llama_cpp/graph/recurrent.hpp"

// Linear attention with a decay (src/models/minimax-01.cpp).
namespace vramcalc::llama_cpp::graph {

NodeId attention(Builder& b, const LightningAttention& part, NodeId x) {
  Graph& g = b.g;
  const std::uint64_t head = part.head_dim, heads = part.heads, width = head * heads;
  const std::uint64_t tokens = tokens_per_sequence(b), sequences = b.s.sequences;
  const auto decayed = [&](NodeId exponent) { return unary(g, scale(g, exponent)); };
  load_state(b, recurrent_state(b, 0));

  const NodeId slope = scale(g, b.decay.slopes);
  x = g.reshape(x, {b.a.hidden_size, tokens, 1, sequences});
  const NodeId all =
      g.reshape(unary(g, b.project(Role::qkv, x, 3 * width)), {3 * head, heads, tokens, sequences});
  const auto part_of = [&](std::uint64_t i) {
    return slice(g, all, {head, heads, tokens, sequences}, 4 * i * head);
  };
  const NodeId q = part_of(0), k = part_of(1), v = part_of(2);

  const NodeId state = recurrent_state(b, head * head * heads);
  const NodeId before = g.reshape(load_state(b, state), {head, head, heads, sequences});
  const NodeId from_state = mul_mat(g, before, g.permute(mul(g, q, decayed(b.decay.query)), {0, 2, 1, 3}));
  const NodeId scores = mul_mat(g, g.permute(k, {0, 2, 1, 3}), g.permute(q, {0, 2, 1, 3}));
  const NodeId weights = mul(g, scores, decayed(b.decay.diagonal));
  const NodeId values = contiguous(g, g.permute(v, {1, 2, 0, 3}));
  NodeId y = add(g, from_state, mul_mat(g, values, weights));
  g.expand(y);

  const NodeId block_decay = g.reshape(unary(g, scale(g, slope)), {1, 1, heads, 1});
  const NodeId kept = mul(g, before, block_decay);
  const NodeId keys = contiguous(g, g.permute(mul(g, k, decayed(b.decay.key)), {1, 2, 0, 3}));
  store_state(b, add(g, kept, mul_mat(g, keys, values)), state);

  y = contiguous(g, g.permute(y, {0, 2, 1, 3}));
  y = norm(b, g.reshape(y, {width, tokens, 1, sequences}), NormKind::rms,
           {Role::attn_norm_2, Role::attn_output_norm});
  const NodeId gate = unary(g, b.project(Role::attn_gate, x, width));
  return g.reshape(b.project(Role::o, mul(g, gate, y), b.a.hidden_size), {b.a.hidden_size, b.tokens, 1, 1});
}

}  // namespace vramcalc::llama_cpp::graph
