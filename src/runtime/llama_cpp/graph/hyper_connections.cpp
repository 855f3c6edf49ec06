#include "runtime/llama_cpp/graph/builder.hpp"

// DeepSeek V4: a part reads a mixture of several residual streams, and its result is mixed into all of them;
// the weights of both mixtures depend on the token (src/models/deepseek4.cpp).
namespace vramcalc::llama_cpp::graph {
namespace {

std::uint64_t streams(const Builder& b) { return b.a.hyper_connections->streams; }

// The weights of a mixture, from `count` rows of a matrix.
NodeId mixture_weights(Builder& b, Role role, NodeId x, std::uint64_t count) {
  const std::uint64_t width = streams(b) * b.a.hidden_size;
  const NodeId flat = b.g.reshape(x, {width, b.g[x].ne[2], 1, 1});
  return b.project(role, b.g.like(Op::rms_norm, flat), count);
}

// A slice of the weights, scaled, offset, put through a sigmoid and scaled again.
NodeId bounded(Builder& b, NodeId weights, NodeId factor, NodeId offset) {
  return scale(b.g, unary(b.g, add(b.g, mul(b.g, weights, factor), offset)));
}

struct Mixture {
  NodeId input = no_node;    // of the part
  NodeId result = no_node;   // weights of its result in each stream
  NodeId streams = no_node;  // weights of each stream in each
};

NodeId piece(Builder& b, NodeId vector, std::uint64_t count, std::uint64_t first) {
  const Extent ne = {count, 1, 1, 1};
  return b.g.view(vector, ne, contiguous_strides(ElementType::f32, ne), 4 * first);
}

Mixture mix(Builder& b, Role role, NodeId x) {
  Graph& g = b.g;
  const std::uint64_t n = streams(b), tokens = g[x].ne[2];
  const NodeId weights = mixture_weights(b, role, x, (2 + n) * n);
  const NodeId factors = b.vector(3, {}), offsets = b.vector((2 + n) * n, {});
  const auto of = [&](std::uint64_t i) {
    return bounded(b, slice(g, weights, {n, tokens, 1, 1}, 4 * i * n), piece(b, factors, 1, i),
                   piece(b, offsets, n, i * n));
  };
  const NodeId before = of(0);
  Mixture result;
  result.result = of(1);
  result.streams = g.compute(Op::other, ElementType::f32, {n, n, tokens, 1}, {weights, factors, offsets});
  result.input = g.compute(Op::other, ElementType::f32, {b.a.hidden_size, tokens, 1, 1}, {x, before});
  return result;
}

NodeId mixed_into(Builder& b, NodeId x, NodeId residual, const Mixture& mixture) {
  return b.g.compute(Op::other, ElementType::f32, b.g[residual].ne,
                     {x, residual, mixture.result, mixture.streams});
}

}  // namespace

NodeId spread_residual(Builder& b, NodeId x) {
  const NodeId one = b.g.reshape(x, {b.a.hidden_size, 1, b.tokens, 1});
  return repeat(b.g, one, {b.a.hidden_size, streams(b), b.tokens, 1});
}

NodeId hyper_connected_block(Builder& b, const Block& block, NodeId x) {
  const Mixture around_attention = mix(b, Role::hc_attn_fn, x);
  const NodeId attended = attention_part(b, block, norm(b, around_attention.input, {Role::attn_norm}));
  x = mixed_into(b, attended, x, around_attention);
  const Mixture around_feed_forward = mix(b, Role::hc_ffn_fn, x);
  b.g.expand(x);
  b.g.expand(around_feed_forward.result);
  b.g.expand(around_feed_forward.streams);
  const NodeId part = feed_forward_part(b, block, norm(b, around_feed_forward.input, {Role::ffn_norm}));
  return mixed_into(b, part, x, around_feed_forward);
}

NodeId gather_residual(Builder& b, NodeId x) {
  Graph& g = b.g;
  const std::uint64_t width = b.a.hidden_size, n = streams(b);
  const NodeId rows = get_rows(g, g.reshape(x, {width * n, b.tokens, 1, 1}), b.out_ids);
  x = g.reshape(rows, {width, n, b.outputs, 1});
  const NodeId weights =
      bounded(b, mixture_weights(b, Role::output_hc_fn, x, n), b.vector(1, {}), b.vector(n, {}));
  NodeId sum = no_node;
  for (std::uint64_t i = 0; i < n; ++i) {
    const Node from = g[x], by = g[weights];
    const NodeId stream =
        g.view(x, {width, b.outputs, 1, 1}, {4, from.nb[2], from.nb[2] * b.outputs, from.nb[2] * b.outputs},
               i * from.nb[1]);
    const NodeId weight = g.view(weights, {1, b.outputs, 1, 1},
                                 {4, by.nb[1], by.nb[1] * b.outputs, by.nb[1] * b.outputs}, 4 * i);
    const NodeId weighted = mul(g, stream, weight);
    sum = sum == no_node ? weighted : add(g, sum, weighted);
  }
  return sum;
}

}  // namespace vramcalc::llama_cpp::graph
