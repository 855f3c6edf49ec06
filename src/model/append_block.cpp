#include <algorithm>

#include "model/append_model.hpp"
#include "model/blocks/blocks.hpp"

namespace vramcalc {
namespace {

void append_norms(TensorList& list, const Architecture& model, const std::vector<TensorKind>& norms) {
  for (const TensorKind norm : norms) list.norm(norm, model.norm, model.hidden_size);
}

void append_block_norms(TensorList& list, const Architecture& model, const Block& block) {
  const bool attention = !std::holds_alternative<NoAttention>(block.attention);
  const bool feed_forward = !std::holds_alternative<NoFeedForward>(block.feed_forward);
  const bool single = model.wiring == Wiring::single;
  if (attention || single) append_norms(list, model, model.block_norms.attention);
  if (feed_forward && (attention || !single)) append_norms(list, model, model.block_norms.feed_forward);
}

// Gemma 3n and 4: the layer's own input, gated into the residual stream.
void append_per_layer_gate(TensorList& list, std::uint64_t hidden, const PerLayerInput& input) {
  list.linear(Role::per_layer_gate, hidden, input.width);
  list.linear(Role::per_layer_output, input.width, hidden);
  list.norm(Role::per_layer_post_norm, NormKind::rms, hidden);
}

void append_alternating_updates(TensorList& list, std::uint64_t hidden, const AlternatingUpdates& updates) {
  const std::uint64_t inputs = updates.inputs;
  list.add(Role::altup_correct_coef, {inputs, inputs});
  list.add(Role::altup_correct_scale, {hidden});
  list.add(Role::altup_predict_coef, {inputs, times(inputs, inputs)});
  list.add(Role::altup_router, {hidden, inputs});
  list.norm(Role::altup_router_norm, NormKind::rms, hidden);
  list.linear(Role::laurel_l, hidden, updates.laurel_rank);
  list.linear(Role::laurel_r, updates.laurel_rank, hidden);
  list.norm(Role::laurel_post_norm, NormKind::rms, hidden);
}

// A matrix before each of the two parts: from all streams to the weights of reading, writing and mixing them.
void append_hyper_connections(TensorList& list, std::uint64_t hidden, const HyperConnections& connections) {
  const std::uint64_t streams = connections.streams;
  const std::uint64_t mix = times(2 + streams, streams);
  struct Mixing {
    Role fn, base, scale;
  };
  for (const Mixing& part : {
           Mixing{Role::hc_attn_fn, Role::hc_attn_base, Role::hc_attn_scale},
           Mixing{Role::hc_ffn_fn,  Role::hc_ffn_base,  Role::hc_ffn_scale }
  }) {
    list.linear(part.fn, times(streams, hidden), mix);
    list.add(part.base, {mix});
    list.add(part.scale, {3});
  }
}

void append_layer_extras(TensorList& list, const Architecture& model) {
  const std::uint64_t hidden = model.hidden_size;
  if (model.per_layer_input) append_per_layer_gate(list, hidden, *model.per_layer_input);
  if (model.alternating_updates) append_alternating_updates(list, hidden, *model.alternating_updates);
  if (model.hyper_connections) append_hyper_connections(list, hidden, *model.hyper_connections);
  if (model.attention_residual_scores) {
    append_residual_score(list, Role::attn_residual_score, Role::attn_residual_norm, hidden);
    append_residual_score(list, Role::ffn_residual_score, Role::ffn_residual_norm, hidden);
  }
  if (model.layer_output_scale) list.add(Role::layer_output_scale, {1}).learned = false;
}

// DeepSeek V4's prediction layers end like its trunk. The converter drops them, so the names are ours.
void append_stream_head(TensorList& list, std::uint64_t hidden, std::uint64_t streams) {
  list.linear(Role::nextn_hc_fn, times(streams, hidden), streams);
  list.add(Role::nextn_hc_base, {streams});
  list.add(Role::nextn_hc_scale, {1});
}

void append_prediction_head(TensorList& list, const Architecture& model, const MultiTokenPrediction& mtp) {
  const std::uint64_t hidden = model.hidden_size;
  const std::uint64_t vocabulary = vocabulary_of(model, list.form());
  list.linear(Role::nextn_projection, times(2, hidden), hidden);
  list.norm(Role::nextn_embedding_norm, NormKind::rms, hidden);
  list.norm(Role::nextn_hidden_norm, NormKind::rms, hidden);
  if (mtp.head_norm) list.norm(*mtp.head_norm, NormKind::rms, hidden);
  if (mtp.own_embedding) list.linear(Role::nextn_embedding, hidden, vocabulary);
  if (mtp.own_head) list.linear(Role::nextn_head, hidden, vocabulary);
  if (model.hyper_connections) append_stream_head(list, hidden, model.hyper_connections->streams);
}

bool loads_always(const MultiTokenPrediction& mtp, const Tensor& tensor) {
  return std::ranges::find(mtp.always_loaded, tensor.kind) != mtp.always_loaded.end();
}

}  // namespace

// The checkpoint has a norm and a projection for each score; the converter multiplies them into one vector.
void append_residual_score(TensorList& list, Role score, Role norm, std::uint64_t hidden) {
  list.add(score, {hidden});
  if (list.form() == Form::checkpoint) list.add(norm, {hidden});
}

void append_block(TensorList& list, const Architecture& model, const Block& block, std::int32_t layer) {
  const BlockContext context{model.hidden_size, vocabulary_of(model, list.form()), model.norm};
  list.begin_layer(layer);
  append_block_norms(list, model, block);
  std::visit([&](const auto& part) { append(list, context, part); }, block.attention);
  std::visit([&](const auto& part) { append(list, context, part); }, block.feed_forward);
  append_layer_extras(list, model);
}

void append_mtp_block(TensorList& list, const Architecture& model, const Block& block, std::int32_t layer) {
  const std::size_t first = list.tensors().size();
  append_block(list, model, block, layer);
  append_prediction_head(list, model, model.mtp.value());
  for (std::size_t i = first; i < list.tensors().size(); ++i)
    list.tensors()[i].loaded = loads_always(*model.mtp, list.tensors()[i]);
}

}  // namespace vramcalc
