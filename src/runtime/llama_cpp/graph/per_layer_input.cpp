#include "runtime/llama_cpp/graph/builder.hpp"

// Gemma 3n and Gemma 4 E-models: every layer gets an embedding of its own (src/models/gemma3n.cpp,
// gemma4.cpp).
namespace vramcalc::llama_cpp::graph {
namespace {

std::uint64_t layers(const Builder& b) { return trunk_layers(b.a); }

// The rows of the tokens, looked up on the host for all layers at once.
NodeId looked_up(Builder& b, std::uint64_t width) {
  const NodeId ids = b.g.input(ElementType::i32, {b.tokens, 1, 1, 1});
  const NodeId table = b.input_weight(Role::per_layer_embedding, ElementType::f16, width * layers(b),
                                      b.a.per_layer_input->vocab_size);
  const NodeId rows = get_rows(b.g, table, ids);
  return scale(b.g, b.g.reshape(rows, {width, layers(b), b.tokens, 1}));
}

}  // namespace

void make_per_layer_inputs(Builder& b, NodeId x) {
  if (!b.a.per_layer_input) return;
  Graph& g = b.g;
  const std::uint64_t width = b.a.per_layer_input->width;
  const NodeId rows = looked_up(b, width);
  g.expand(rows);
  NodeId projected = scale(g, b.project(Role::per_layer_projection, x, width * layers(b)));
  projected = norm(b, g.reshape(projected, {width, layers(b), b.tokens, 1}), NormKind::rms,
                   {Role::per_layer_projection_norm});
  const NodeId both = scale(g, add(g, projected, rows));
  b.per_layer_inputs = contiguous(g, g.permute(both, {0, 2, 1, 3}));
}

NodeId input_of_layer(Builder& b) {
  const Extent ne = b.g[b.per_layer_inputs].ne;
  const std::uint64_t plane = 4 * ne[0] * ne[1];
  return b.g.view(b.per_layer_inputs, {ne[0], ne[1], 1, 1}, {4, 4 * ne[0], plane, plane}, b.layer * plane);
}

NodeId with_layer_input(Builder& b, NodeId x) {
  if (!b.a.per_layer_input) return x;
  NodeId gated = unary(b.g, b.project(Role::per_layer_gate, x, b.a.per_layer_input->width));
  gated = mul(b.g, gated, input_of_layer(b));
  return add(b.g, x,
             norm(b, b.project(Role::per_layer_output, gated, b.a.hidden_size), NormKind::rms,
                  {Role::per_layer_post_norm}));
}

}  // namespace vramcalc::llama_cpp::graph
