#include <fmt/format.h>

#include <algorithm>

#include "model/append_model.hpp"
#include "model/blocks/blocks.hpp"

namespace vramcalc {
namespace {

void append_norms(TensorList& list, const Architecture& model, const std::vector<std::string>& names) {
  for (const std::string& name : names) list.norm(name, model.norm, model.hidden_size);
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
  list.linear("inp_gate", hidden, input.width);
  list.linear("proj", input.width, hidden);
  list.norm("post_norm.weight", NormKind::rms, hidden);
}

void append_alternating_updates(TensorList& list, std::uint64_t hidden, const AlternatingUpdates& updates) {
  const std::uint64_t inputs = updates.inputs;
  list.add("altup_correct_coef.weight", {inputs, inputs});
  list.add("altup_correct_scale.weight", {hidden});
  list.add("altup_predict_coef.weight", {inputs, times(inputs, inputs)});
  list.add("altup_router.weight", {hidden, inputs});
  list.norm("altup_router_norm.weight", NormKind::rms, hidden);
  list.linear("laurel_l", hidden, updates.laurel_rank);
  list.linear("laurel_r", updates.laurel_rank, hidden);
  list.norm("laurel_post_norm.weight", NormKind::rms, hidden);
}

// One mixing matrix before each of the two parts: from all streams to the weights of reading, writing and
// mixing them.
void append_hyper_connections(TensorList& list, std::uint64_t hidden, const HyperConnections& connections) {
  const std::uint64_t streams = connections.streams;
  const std::uint64_t mix = times(2 + streams, streams);
  for (std::string_view part : {"hc_attn", "hc_ffn"}) {
    list.linear(fmt::format("{}_fn", part), times(streams, hidden), mix);
    list.add(fmt::format("{}_base.weight", part), {mix});
    list.add(fmt::format("{}_scale.weight", part), {3});
  }
}

void append_layer_extras(TensorList& list, const Architecture& model) {
  const std::uint64_t hidden = model.hidden_size;
  if (model.per_layer_input) append_per_layer_gate(list, hidden, *model.per_layer_input);
  if (model.alternating_updates) append_alternating_updates(list, hidden, *model.alternating_updates);
  if (model.hyper_connections) append_hyper_connections(list, hidden, *model.hyper_connections);
  if (model.attention_residual_scores) {
    append_residual_score(list, "attn_res", hidden);
    append_residual_score(list, "ffn_res", hidden);
  }
  if (model.layer_output_scale) list.add("layer_output_scale.weight", {1}).learned = false;
}

// DeepSeek V4's prediction layers end as its trunk does; the converter drops them, so the names are ours.
void append_stream_head(TensorList& list, std::uint64_t hidden, std::uint64_t streams) {
  list.linear("nextn.hc_fn", times(streams, hidden), streams);
  list.add("nextn.hc_base.weight", {streams});
  list.add("nextn.hc_scale.weight", {1});
}

void append_prediction_head(TensorList& list, const Architecture& model, const MultiTokenPrediction& mtp) {
  const std::uint64_t hidden = model.hidden_size;
  const std::uint64_t vocabulary = vocabulary_of(model, list.form());
  list.linear("nextn.eh_proj", times(2, hidden), hidden);
  list.norm("nextn.enorm.weight", NormKind::rms, hidden);
  list.norm("nextn.hnorm.weight", NormKind::rms, hidden);
  if (!mtp.head_norm.empty()) list.norm(mtp.head_norm, NormKind::rms, hidden);
  if (mtp.own_embedding) list.linear("nextn.embed_tokens", hidden, vocabulary);
  if (mtp.own_head) list.linear("nextn.shared_head_head", hidden, vocabulary);
  if (model.hyper_connections) append_stream_head(list, hidden, model.hyper_connections->streams);
}

bool loads_always(const MultiTokenPrediction& mtp, const std::string& name) {
  return std::any_of(mtp.always_loaded.begin(), mtp.always_loaded.end(),
                     [&](const std::string& ending) { return name.ends_with("." + ending); });
}

}  // namespace

// The checkpoint has a norm and a projection for each score; the converter multiplies them into one vector.
void append_residual_score(TensorList& list, std::string_view name, std::uint64_t hidden) {
  list.add(fmt::format("{}_score.weight", name), {hidden});
  if (list.form() == Form::checkpoint) list.add(fmt::format("{}_norm.weight", name), {hidden});
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
    list.tensors()[i].loaded = loads_always(*model.mtp, list.tensors()[i].name);
}

}  // namespace vramcalc
