#include <algorithm>
#include <array>
#include <string_view>

#include "runtime/llama_cpp/graph/builder.hpp"

// The graph of a prediction layer: it joins the embeddings of the tokens with the hidden states that the
// trunk computed for them (src/models/, graph_mtp).
namespace vramcalc::llama_cpp::graph {
namespace {

// Where rows without requested logits are dropped.
enum class Rows { before_residual, before_feed_forward, before_head_norm, after_head_norm };

struct PredictionGraph {
  std::string_view architecture;
  Rows rows = Rows::after_head_norm;
  Op head_norm = Op::rms_norm;
};

constexpr std::array graphs = {
    PredictionGraph{"qwen3next",      Rows::before_residual    },
    PredictionGraph{"nemotron_h_moe", Rows::before_feed_forward, Op::norm},
    PredictionGraph{"mimo2",                Rows::before_head_norm                                  },
    PredictionGraph{"step35",                Rows::before_head_norm},
};

PredictionGraph graph_of(const Architecture& a) {
  const auto found = std::ranges::find(graphs, a.gguf_name, &PredictionGraph::architecture);
  return found == graphs.end() ? PredictionGraph{a.gguf_name} : *found;
}

// The token's embedding, then the hidden state, both normalized.
NodeId joined_inputs(Builder& b) {
  const MultiTokenPrediction& mtp = b.a.mtp.value();
  const std::uint64_t width = b.a.hidden_size;
  const NodeId ids = b.g.input(ElementType::i32, {b.tokens, 1, 1, 1});
  const NodeId table = mtp.own_embedding
                           ? b.weight(Role::nextn_embedding, width, b.a.vocab_size)
                           : b.input_weight(Role::embedding, ElementType::f16, width, b.a.vocab_size);
  const NodeId rows = get_rows(b.g, table, ids);
  const NodeId hidden =
      norm(b, b.g.input(ElementType::f32, {width, b.tokens, 1, 1}), NormKind::rms, {Role::nextn_hidden_norm});
  return b.project(Role::nextn_projection,
                   concat(b.g, norm(b, rows, NormKind::rms, {Role::nextn_embedding_norm}), hidden, 0), width);
}

// It attends to every cell, with or without an indexer.
Block without_indexer(Block block) {
  if (auto* latent = std::get_if<LatentAttention>(&block.attention)) {
    latent->indexer.reset();
    latent->sparse = false;
  }
  return block;
}

NodeId block_of(Builder& b, const Block& block, NodeId x, Rows rows) {
  NodeId part = attention_part(b, block, norm(b, x, {Role::attn_norm}));
  if (rows == Rows::before_residual) {
    part = get_rows(b.g, part, b.out_ids);
    x = get_rows(b.g, x, b.out_ids);
  }
  x = add(b.g, part, x);
  if (rows == Rows::before_feed_forward) x = get_rows(b.g, x, b.out_ids);
  return add(b.g, feed_forward_part(b, block, norm(b, x, {Role::ffn_norm, Role::post_attention_norm})), x);
}

void keep(Builder& b, NodeId x) { b.g[x].output = true; }

// The layer's own norm, or the trunk's final one.
NodeId head_norm(Builder& b, Op operation, NodeId x) {
  return mul(b.g, b.g.like(operation, x),
             b.vector(b.a.hidden_size, {Role::nextn_head_norm, Role::output_norm}));
}

}  // namespace

// Rows of logits are cut to the likeliest tokens (src/llama-graph.cpp, build_sampling, with the one sampler
// that common/speculative.cpp sets). One more row is for sequences that have none.
void sample(Builder& b, NodeId logits, std::uint64_t of_sequence) {
  constexpr std::uint64_t likeliest = 10;
  Graph& g = b.g;
  const std::uint64_t vocabulary = b.a.vocab_size, row = 4 * vocabulary;
  const NodeId rows = pad(g, logits, 0, 1);
  for (std::uint64_t i = 0; i < b.s.sequences * of_sequence; ++i) {
    const std::uint64_t number = std::min<std::uint64_t>(i, b.outputs);
    const NodeId own = g.view(rows, {vocabulary, 1, 1, 1}, {4, row, row, row}, number * row);
    const NodeId chosen = top_k(g, g.reshape(own, {vocabulary, 1, 1, 1}), likeliest);
    const NodeId values = get_rows(g, g.reshape(own, {1, vocabulary, 1, 1}), chosen);
    keep(b, values);
    keep(b, chosen);
    g.expand(values);
  }
}

void predict(Builder& b, std::size_t layer) {
  const PredictionGraph graph = graph_of(b.a);
  const Rows rows = graph.rows;
  const MultiTokenPrediction& mtp = b.a.mtp.value();
  b.enter_layer(layer);
  b.marks.push_back(b.g.order().size());
  NodeId x = block_of(b, without_indexer(b.a.blocks[layer]), joined_inputs(b), rows);
  if (rows == Rows::before_head_norm) {
    x = get_rows(b.g, x, b.out_ids);
    keep(b, x);
  }
  if (!mtp.head_norm) b.enter_output();
  x = head_norm(b, graph.head_norm, x);
  if (!mtp.own_head) b.enter_output();
  if (rows != Rows::before_head_norm) keep(b, x);
  if (rows == Rows::after_head_norm) x = get_rows(b.g, x, b.out_ids);
  const Role head = mtp.own_head ? Role::nextn_head : b.a.writes_output() ? Role::output : Role::embedding;
  x = b.project(head, x, b.a.vocab_size);
  keep(b, x);
  b.g.expand(x);
  if (b.s.samples) sample(b, x);
}

}  // namespace vramcalc::llama_cpp::graph
