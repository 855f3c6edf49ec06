#include <algorithm>

#include "runtime/llama_cpp/graph/builder.hpp"

// The graphs of heads that draft for another model (src/models/eagle3.cpp, src/models/dflash.cpp). They
// compute logits for all tokens of a micro-batch, whether they are asked for or not.
namespace vramcalc::llama_cpp::graph {
namespace {

void keep(Builder& b, NodeId x) { b.g[x].output = true; }

// The rows of the tokens: of the head's own embedding or of the other model's, both of which are on the host.
NodeId token_rows(Builder& b) {
  const NodeId ids = b.g.input(ElementType::i32, {b.tokens, 1, 1, 1});
  const NodeId rows =
      get_rows(b.g, b.input_weight(Role::embedding, ElementType::f16, b.a.hidden_size, b.a.vocab_size), ids);
  return b.a.scales_embedding ? scale(b.g, rows) : rows;
}

NodeId feed_forward_of(Builder& b, const Block& block, NodeId x) {
  NodeId part = feed_forward_part(b, block, norm(b, x, {Role::ffn_norm}));
  if (b.a.wiring == Wiring::sandwich) part = norm(b, part, {Role::post_ffw_norm});
  x = add(b.g, part, x);
  return b.a.layer_output_scale ? mul(b.g, x, b.vector(1, {Role::layer_output_scale})) : x;
}

// One layer that reads the token and the hidden state side by side.
NodeId joined_layer(Builder& b, const DraftHead& head) {
  b.enter_layer(0);
  const NodeId rows = norm(b, token_rows(b), {Role::attn_norm});
  const NodeId state = b.g.input(ElementType::f32, {b.a.hidden_size, b.tokens, 1, 1});
  const NodeId normed = norm(b, state, {Role::attn_norm_2});
  const Block& block = b.a.blocks.front();
  const NodeId part = attention_part(b, block, concat(b.g, rows, normed, 0));
  return feed_forward_of(b, block, add(b.g, part, head.norm_before_residual ? normed : state));
}

NodeId layer(Builder& b, const Block& block, NodeId x) {
  NodeId part = attention_part(b, block, norm(b, x, {Role::attn_norm}));
  if (b.a.wiring == Wiring::sandwich) part = norm(b, part, {Role::post_attention_norm});
  return feed_forward_of(b, block, add(b.g, part, x));
}

NodeId layers(Builder& b) {
  NodeId x = token_rows(b);
  for (std::size_t i = 0; i < b.a.blocks.size(); ++i) {
    b.enter_layer(i);
    b.marks.push_back(b.g.order().size());
    x = layer(b, b.a.blocks[i], x);
  }
  return x;
}

// The logits of the tokens that it drafts among those of all tokens of the other model.
NodeId for_all_tokens(Builder& b, const DraftHead& head, NodeId logits) {
  const std::uint64_t vocabulary = b.a.vocab_size, rows = b.g[logits].ne[1];
  const NodeId numbers = b.input_weight(Role::draft_tokens, ElementType::i64, head.draft_vocab, 1);
  const NodeId all = fill(b.g, b.g.compute(Op::none, ElementType::f32, {1, vocabulary, rows, 1}, {}));
  const NodeId some = b.g.reshape(logits, {1, head.draft_vocab, rows, 1});
  return b.g.reshape(set_rows(b.g, all, some, b.g.reshape(numbers, {head.draft_vocab, 1, 1, 1})),
                     {vocabulary, rows, 1, 1});
}

// EAGLE-3 draws one token after another, the others a block of tokens at once (common/speculative.cpp,
// common_base_params_to_speculative).
std::uint64_t sampled_rows(const Builder& b, const DraftHead& head) {
  if (head.kind == DraftHead::Kind::eagle3) return 1;
  const std::uint64_t tokens = b.tokens / b.s.sequences, outputs = b.outputs / b.s.sequences;
  return std::max<std::uint64_t>(1, std::min(tokens, outputs));
}

}  // namespace

void draft(Builder& b, const DraftHead& head) {
  const bool eagle3 = head.kind == DraftHead::Kind::eagle3;
  NodeId x = eagle3 ? joined_layer(b, head) : layers(b);
  if (eagle3) keep(b, x);
  b.enter_output();
  x = norm(b, x, {Role::output_norm});
  if (!eagle3) keep(b, x);
  x = b.project(Role::output, x, head.draft_vocab == 0 ? b.a.vocab_size : head.draft_vocab);
  if (head.draft_vocab != 0) x = for_all_tokens(b, head, x);
  keep(b, x);
  b.g.expand(x);
  if (b.s.samples) sample(b, x, sampled_rows(b, head));
}

}  // namespace vramcalc::llama_cpp::graph
