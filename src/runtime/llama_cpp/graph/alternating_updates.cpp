#include "runtime/llama_cpp/graph/builder.hpp"

// Gemma 3n: several residual streams; a layer computes one and predicts and corrects the others
// (src/models/gemma3n.cpp).
namespace vramcalc::llama_cpp::graph {
namespace {

NodeId magnitude(Graph& g, NodeId x) { return g.like(Op::square_root, sum_rows(g, square(g, x))); }

NodeId stream(Graph& g, NodeId all, std::uint64_t index) {
  const Extent ne = g[all].ne;
  const std::uint64_t plane = 4 * ne[0] * ne[1];
  return g.view(all, {ne[0], ne[1], 1, 1}, {4, 4 * ne[0], plane, plane}, index * plane);
}

NodeId streams_behind_first(Graph& g, NodeId all) {
  const Extent ne = g[all].ne;
  const std::uint64_t plane = 4 * ne[0] * ne[1];
  return g.view(all, {ne[0], ne[1], ne[2] - 1, 1}, {4, 4 * ne[0], plane, plane * (ne[2] - 1)}, plane);
}

// Scaled to the length of the active stream.
NodeId matched(Graph& g, NodeId x, NodeId target, NodeId own) { return div(g, mul(g, x, target), own); }

// Weights that a layer uses twice, for the prediction and for the correction.
struct Router {
  NodeId norm = no_node;
  NodeId matrix = no_node;
};

NodeId routed(Builder& b, const Router& router, NodeId x) {
  const NodeId input = scale(b.g, norm(b, x, NormKind::rms, router.norm, {}));
  return unary(b.g, mul_mat(b.g, router.matrix, input));
}

NodeId predict(Builder& b, const Router& router, NodeId all) {
  Graph& g = b.g;
  const std::uint64_t n = b.a.alternating_updates->inputs;
  const NodeId modalities = routed(b, router, stream(g, all, 0));
  const NodeId coefficients =
      g.reshape(b.project(Role::altup_predict_coef, modalities, n * n), {n, n, b.tokens, 1});
  const NodeId turned = contiguous(g, g.permute(all, {1, 2, 0, 3}));
  NodeId predictions = mul_mat(g, turned, coefficients);
  predictions = contiguous(g, g.permute(predictions, {0, 2, 1, 3}));
  return add(g, predictions, all);
}

NodeId correct(Builder& b, const Router& router, NodeId predictions, NodeId activated) {
  Graph& g = b.g;
  const std::uint64_t n = b.a.alternating_updates->inputs;
  const NodeId modalities = routed(b, router, activated);
  NodeId innovation = sub(g, activated, stream(g, predictions, 0));
  NodeId coefficients = scale(g, b.project(Role::altup_correct_coef, modalities, n));
  coefficients = contiguous(g, g.transpose(coefficients), {1, b.tokens, n, 1});
  innovation = repeat(g, innovation, {b.a.hidden_size, b.tokens, n, 1});
  return add(g, mul(g, innovation, coefficients), predictions);
}

// A low-rank residual layer parallel to attention.
NodeId laurel(Builder& b, NodeId x) {
  const NodeId low = b.project(Role::laurel_l, x, b.a.alternating_updates->laurel_rank);
  return add(
      b.g, norm(b, b.project(Role::laurel_r, low, b.a.hidden_size), NormKind::rms, {Role::laurel_post_norm}),
      x);
}

// Keeps the gate's values above a cut-off (the first layers only).
NodeId gaussian_top_k(Builder& b, NodeId x) {
  Graph& g = b.g;
  Extent column = g[x].ne;
  column[0] = 1;
  const NodeId mean = g.compute(Op::other, ElementType::f32, column, {x});
  const NodeId deviation = g.like(Op::square_root, scale(g, sum_rows(g, square(g, sub(g, x, mean)))));
  const NodeId cut = add(g, mean, scale(g, deviation));
  return unary(g, sub(g, x, cut));
}

NodeId feed_forward_of(Builder& b, const DenseFeedForward& part, NodeId x) {
  const NodeId up = b.project(Role::up, x, part.width);
  NodeId gate = b.project(Role::gate, x, part.width);
  if (b.layer < b.a.alternating_updates->sparse_layers) gate = gaussian_top_k(b, gate);
  return b.project(Role::down, mul(b.g, up, unary(b.g, gate)), b.a.hidden_size);
}

NodeId with_gated_input(Builder& b, NodeId corrected) {
  Graph& g = b.g;
  NodeId first = mul(g, stream(g, corrected, 0), b.vector(b.a.hidden_size, {Role::altup_correct_scale}));
  first = unary(g, b.project(Role::per_layer_gate, first, b.a.per_layer_input->width));
  first = mul(g, first, input_of_layer(b));
  first = norm(b, b.project(Role::per_layer_output, first, b.a.hidden_size), NormKind::rms,
               {Role::per_layer_post_norm});
  const NodeId rest = add(g, streams_behind_first(g, corrected), first);
  return concat(g, stream(g, corrected, 0), rest, 2);
}

}  // namespace

NodeId spread_streams(Builder& b, NodeId x) {
  Graph& g = b.g;
  const std::uint64_t n = b.a.alternating_updates->inputs;
  const NodeId target = magnitude(g, x);
  const NodeId repeated = repeat(g, x, {b.a.hidden_size, b.tokens, n - 1, 1});
  const NodeId others =
      mul_mat(g, b.weight(Role::altup_projection, b.a.hidden_size, b.a.hidden_size, n - 1), repeated);
  return concat(g, x, matched(g, others, target, magnitude(g, others)), 2);
}

NodeId gather_streams(Builder& b, NodeId all) {
  Graph& g = b.g;
  const std::uint64_t n = b.a.alternating_updates->inputs;
  const NodeId target = magnitude(g, stream(g, all, 0));
  NodeId others =
      mul_mat(g, b.weight(Role::altup_unembed_projection, b.a.hidden_size, b.a.hidden_size, n - 1),
              streams_behind_first(g, all));
  others = matched(g, others, target, magnitude(g, others));
  NodeId x = stream(g, all, 0);
  for (std::uint64_t i = 0; i + 1 < n; ++i) x = add(g, x, stream(g, others, i));
  return get_rows(g, scale(g, x), b.out_ids);
}

NodeId alternating_block(Builder& b, const Block& block, NodeId all) {
  Graph& g = b.g;
  if (!b.a.per_layer_input) fail_unknown_layer(b);
  const Router router = {b.vector(b.a.hidden_size, {Role::altup_router_norm}),
                         b.weight(Role::altup_router, b.a.hidden_size, b.a.alternating_updates->inputs)};
  const NodeId predictions = predict(b, router, all);
  const NodeId active = stream(g, predictions, 0);
  const NodeId normed = norm(b, active, {Role::attn_norm});
  const NodeId low_rank = laurel(b, normed);
  NodeId x = attention(b, required_part<GroupedQueryAttention>(b, block.attention), normed);
  x = add(g, norm(b, x, {Role::post_attention_norm}), active);
  const NodeId residual = scale(g, add(g, x, low_rank));
  x = feed_forward_of(b, required_part<DenseFeedForward>(b, block.feed_forward),
                      norm(b, residual, {Role::ffn_norm}));
  x = add(g, norm(b, x, {Role::post_ffw_norm}), residual);
  return with_gated_input(b, correct(b, router, predictions, x));
}

}  // namespace vramcalc::llama_cpp::graph
