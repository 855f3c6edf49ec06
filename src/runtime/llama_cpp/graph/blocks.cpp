#include <fmt/format.h>

#include <algorithm>
#include <variant>

#include "runtime/llama_cpp/graph/builder.hpp"
#include "vramcalc/error.hpp"

namespace vramcalc::llama_cpp::graph {
namespace {

template <typename Part>
concept Built = requires(Builder& b, const Part& part, NodeId x) {
  attention(b, part, x);
};

}  // namespace

void fail_unknown_layer(const Builder& b) {
  throw Error(
      ErrorCode::unsupported,
      fmt::format("{}: llama.cpp 0.5.0 has no graph for the parts of layer {}", b.a.gguf_name, b.layer));
}

NodeId attention_part(Builder& b, const Block& block, NodeId x) {
  return std::visit(
      [&](const auto& part) -> NodeId {
        if constexpr (Built<std::decay_t<decltype(part)>>) {
          if (b.a.graph.expands_attention_input && !b.s.predicts) b.g.expand(x);
          return attention(b, part, x);
        } else {
          throw Error(ErrorCode::unsupported,
                      b.a.gguf_name + ": the compute buffer of this kind of attention is unknown");
        }
      },
      block.attention);
}

NodeId feed_forward_part(Builder& b, const Block& block, NodeId x) {
  if (const auto* part = std::get_if<DenseFeedForward>(&block.feed_forward)) return feed_forward(b, *part, x);
  return experts(b, required_part<MixtureOfExperts>(b, block.feed_forward), x);
}

namespace {

NodeId sum(Builder& b, NodeId part, NodeId residual, bool residual_first) {
  return residual_first ? add(b.g, residual, part) : add(b.g, part, residual);
}

// Drops rows without requested logits as early as the model's graph does.
void select_rows(Builder& b, bool last, NodeId& x, NodeId& y) {
  if (!last || b.row_selection() != GraphTraits::RowSelection::in_last_block) return;
  x = get_rows(b.g, x, b.out_ids);
  y = get_rows(b.g, y, b.out_ids);
}

NodeId single_block(Builder& b, const Block& block, NodeId x, bool last) {
  NodeId residual = x;
  const bool attends = !std::holds_alternative<NoAttention>(block.attention);
  NodeId part = attends ? attention_part(b, block, norm(b, x, {Role::attn_norm}))
                        : feed_forward_part(b, block, norm(b, x, {Role::attn_norm, Role::ffn_norm}));
  select_rows(b, last, part, residual);
  return add(b.g, part, residual);
}

// A dense part parallel to the experts: added and scaled (Grok-2), or each with its own norms (Gemma 4).
NodeId beside_experts(Builder& b, const MixtureOfExperts& part, NodeId residual) {
  if (part.router_scale) {
    const NodeId dense =
        norm(b, feed_forward(b, *part.dense, norm(b, residual, {Role::ffn_norm})), {Role::post_ffw_norm_1});
    return add(b.g, dense,
               norm(b, experts(b, part, norm(b, residual, {Role::pre_ffw_norm_2}), residual),
                    {Role::post_ffw_norm_2}));
  }
  const NodeId normed = norm(b, residual, {Role::ffn_norm});
  const NodeId routed = experts(b, part, normed);
  return scale(b.g, add(b.g, feed_forward(b, *part.dense, normed), routed));
}

// Arctic: the dense part joins the residual stream, and the experts read what the attention read.
NodeId dense_then_experts(Builder& b, const MixtureOfExperts& part, NodeId block_input, NodeId residual) {
  residual = add(b.g, feed_forward(b, *part.dense, norm(b, residual, {Role::ffn_norm})), residual);
  return add(b.g, experts(b, part, norm(b, block_input, {Role::expert_ffn_norm})), residual);
}

NodeId attention_of_block(Builder& b, const Block& block, NodeId x, bool last, NodeId& residual) {
  if (std::holds_alternative<NoAttention>(block.attention)) {
    if (last) residual = get_rows(b.g, residual, b.out_ids);
    return residual;
  }
  const bool post = b.a.wiring == Wiring::sandwich;
  const bool normed_first = post && b.a.graph.rows_after_attention_norm;
  NodeId part = attention_part(b, block, norm(b, x, {Role::attn_norm}));
  const auto normed = [&] { return norm(b, part, {Role::post_attention_norm, Role::attn_output_norm}); };
  if (normed_first) part = normed();
  select_rows(b, last, part, residual);
  if (b.a.scales_residual) part = scale(b.g, part);
  if (post && !normed_first) part = normed();
  return sum(b, part, residual, b.a.graph.residual_first_attention);
}

// Without a norm after attention, that name may be of the one before the feed-forward part (gpt-oss).
NodeId normed_for_feed_forward(Builder& b, NodeId x) {
  return b.a.wiring == Wiring::sandwich ? norm(b, x, {Role::ffn_norm})
                                        : norm(b, x, {Role::ffn_norm, Role::post_attention_norm});
}

NodeId pre_norm_block(Builder& b, const Block& block, NodeId x, bool last) {
  if (std::holds_alternative<NoFeedForward>(block.feed_forward)) return single_block(b, block, x, last);
  NodeId block_input = x;
  const NodeId residual = attention_of_block(b, block, x, last, block_input);
  const auto* mixture = std::get_if<MixtureOfExperts>(&block.feed_forward);
  const bool has_dense_part = mixture != nullptr && mixture->dense.has_value();
  if (has_dense_part && b.a.graph.experts_read_block_input)
    return dense_then_experts(b, *mixture, block_input, residual);
  NodeId part = has_dense_part ? beside_experts(b, *mixture, residual)
                               : feed_forward_part(b, block, normed_for_feed_forward(b, residual));
  if (b.a.wiring == Wiring::sandwich) part = norm(b, part, {Role::post_ffw_norm, Role::layer_output_norm});
  if (b.a.scales_residual) part = scale(b.g, part);
  x = with_layer_input(b, sum(b, part, residual, b.a.graph.residual_first_feed_forward));
  return b.a.layer_output_scale ? mul(b.g, x, b.vector(1, {Role::layer_output_scale})) : x;
}

// MiniMax-Text-01: the scaled, normalized input of a part is added to its result.
NodeId normed_residual_block(Builder& b, const Block& block, NodeId x, bool last) {
  NodeId residual = norm(b, x, {Role::attn_norm});
  NodeId part = attention_part(b, block, residual);
  select_rows(b, last, part, residual);
  residual = norm(b, add(b.g, part, scale(b.g, residual)), {Role::ffn_norm, Role::post_attention_norm});
  part = feed_forward_part(b, block, residual);
  return add(b.g, part, scale(b.g, residual));
}

// Attention and state space read the same input, normalized once for each.
NodeId side_by_side_block(Builder& b, const Block& block, NodeId x, bool last) {
  const auto& both = required_part<ParallelMamba2Attention>(b, block.attention);
  const NodeId weight = b.vector(b.a.hidden_size, {Role::attn_norm});
  const NodeId attended = attention(b, both.attention, norm(b, x, b.a.norm, weight, {}));
  NodeId part = add(b.g, attended, attention(b, both.mamba, norm(b, x, b.a.norm, weight, {})));
  NodeId residual = add(b.g, part, x);
  select_rows(b, last, part, residual);
  return add(b.g, feed_forward_part(b, block, norm(b, residual, {Role::ffn_norm})), residual);
}

NodeId post_norm_block(Builder& b, const Block& block, NodeId x, bool last) {
  NodeId residual = x;
  NodeId part = attention_part(b, block, x);
  select_rows(b, last, part, residual);
  residual = add(b.g, norm(b, part, {Role::post_attention_norm, Role::attn_output_norm}), residual);
  part = feed_forward_part(b, block, residual);
  return add(b.g, norm(b, part, {Role::post_ffw_norm, Role::layer_output_norm}), residual);
}

NodeId encoder_block(Builder& b, const Block& block, NodeId x, bool last) {
  NodeId residual = x;
  NodeId part = attention_part(b, block, x);
  select_rows(b, last, part, residual);
  x = norm(b, add(b.g, part, residual), {Role::attn_output_norm});
  return norm(b, add(b.g, feed_forward_part(b, block, x), x), {Role::layer_output_norm});
}

NodeId parallel_block(Builder& b, const Block& block, NodeId x, bool last) {
  const bool own_norm = b.a.graph.parallel_feed_forward_norm;
  NodeId normed = norm(b, x, {Role::attn_norm});
  NodeId part =
      attention_part(b, block, b.a.graph.parallel_attention_norm ? norm(b, x, {Role::attn_norm_2}) : normed);
  select_rows(b, last, part, x);
  if (own_norm) {
    normed = norm(b, x, {Role::ffn_norm});
  } else if (last) {
    normed = get_rows(b.g, normed, b.out_ids);
  }
  const NodeId other = feed_forward_part(b, block, normed);
  if (b.a.graph.parallel_attention_first) return add(b.g, add(b.g, part, other), x);
  const bool residual_last = b.a.graph.parallel_residual_last;
  return add(b.g, add(b.g, other, residual_last ? part : x), residual_last ? x : part);
}

NodeId block_of(Builder& b, const Block& block, NodeId x, bool last) {
  if (std::holds_alternative<ParallelMamba2Attention>(block.attention))
    return side_by_side_block(b, block, x, last);
  if (b.a.hyper_connections) return hyper_connected_block(b, block, x);
  if (b.a.alternating_updates) return alternating_block(b, block, x);
  if (b.a.attention_residual_scores) return residual_score_block(b, block, x);
  if (b.a.graph.residual_is_normed) return normed_residual_block(b, block, x, last);
  switch (b.a.wiring) {
    case Wiring::single: return single_block(b, block, x, last);
    case Wiring::pre_norm:
    case Wiring::sandwich: return pre_norm_block(b, block, x, last);
    case Wiring::post_norm: return post_norm_block(b, block, x, last);
    case Wiring::parallel: return parallel_block(b, block, x, last);
    case Wiring::encoder: return encoder_block(b, block, x, last);
  }
  return no_node;
}

// Embeddings of tokens, positions and token types, scaled or normalized where the model does so.
NodeId input(Builder& b) {
  NodeId x = input_embedding(b);
  if (b.a.scales_embedding) x = scale(b.g, x);
  if (b.a.graph.expands_embedding) b.g.expand(x);
  if (b.a.token_types > 0) {
    const NodeId types =
        b.input_weight(Role::token_type_embedding, ElementType::f32, b.a.hidden_size, b.a.token_types);
    x = add(b.g, x, b.g.view(types, {b.a.hidden_size, 1, 1, 1}, Extent(b.g[types].nb)));
  }
  if (b.a.position_embeddings > 0) {
    const NodeId table =
        b.input_weight(Role::position_embedding, ElementType::f32, b.a.hidden_size, b.a.position_embeddings);
    const NodeId rows = get_rows(b.g, table, b.positions);
    x = b.a.wiring == Wiring::encoder ? add(b.g, rows, x) : add(b.g, x, rows);
  }
  return b.a.embedding_norm ? norm(b, x, {Role::embedding_norm}) : x;
}

}  // namespace

namespace {

bool is_extracted(const Builder& b, std::size_t layer) {
  return std::ranges::find(b.s.extracted_layers, layer) != b.s.extracted_layers.end();
}

}  // namespace

void build(Builder& b, const LayerPlan& plan) {
  // The same for every graph of a model, so that each reuses the memory of the last.
  constexpr std::size_t most_nodes_of_layer = 256;
  b.g.reserve(512 + most_nodes_of_layer * b.a.blocks.size());
  b.enter_input();
  make_inputs(b);
  if (b.s.predicts) return predict(b, plan.layers.front());
  if (b.a.draft_head) return draft(b, *b.a.draft_head);
  NodeId x = input(b);
  make_per_layer_inputs(b, x);
  b.enter_output();
  if (b.a.alternating_updates) x = spread_streams(b, x);
  if (b.a.hyper_connections) {
    b.g.expand(b.compressed.raw.mask);
    x = spread_residual(b, x);
  }
  for (const std::size_t layer : plan.layers) {
    b.enter_layer(layer);
    b.marks.push_back(b.g.order().size());
    if (is_extracted(b, layer)) b.g[x].output = true;
    x = block_of(b, b.a.blocks[layer], x, layer == plan.layers.back());
    x = with_stacked_embedding(b, x);
  }
  b.enter_output();
  if (b.a.alternating_updates) x = gather_streams(b, x);
  if (b.a.hyper_connections) x = gather_residual(b, x);
  if (b.a.attention_residual_scores) x = get_rows(b.g, mix_residuals(b, x), b.out_ids);
  output(b, x);
}

void build(Builder& b) { build(b, all_layers(b.a)); }

namespace {

void build_attention(Builder& b, const Block& block, NodeId x) {
  if (std::holds_alternative<NoAttention>(block.attention)) return;
  if (const auto* both = std::get_if<ParallelMamba2Attention>(&block.attention)) {
    attention(b, both->attention, x);
  } else {
    attention_part(b, block, x);
  }
}

// Whether an earlier layer has the same heads, or the layer reads another layer's cache of that head size.
bool adds_no_heads(const std::vector<Block>& blocks, std::size_t layer) {
  const auto* part = std::get_if<GroupedQueryAttention>(&blocks[layer].attention);
  if (part != nullptr && part->reuses_cache_of) return true;
  return std::any_of(blocks.begin(), blocks.begin() + static_cast<std::ptrdiff_t>(layer),
                     [&](const Block& earlier) { return earlier.attention == blocks[layer].attention; });
}

}  // namespace

void build_attention(Builder& b) {
  b.enter_input();
  make_inputs(b);
  const NodeId x = b.g.input(ElementType::f32, {b.a.hidden_size, b.tokens, 1, 1});
  const std::size_t layers = trunk_layers(b.a);
  for (std::size_t layer = 0; layer < layers; ++layer) {
    if (adds_no_heads(b.a.blocks, layer)) continue;
    b.enter_layer(layer);
    build_attention(b, b.a.blocks[layer], x);
  }
}

}  // namespace vramcalc::llama_cpp::graph
