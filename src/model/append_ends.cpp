#include "model/append_model.hpp"
#include "model/blocks/blocks.hpp"

namespace vramcalc {
namespace {

void append_embedding(TensorList& list, const Architecture& model) {
  const std::uint64_t hidden = model.hidden_size;
  const bool checkpoint = list.form() == Form::checkpoint;
  const std::uint32_t positions =
      checkpoint ? model.checkpoint_position_embeddings : model.position_embeddings;
  list.linear(Role::embedding, hidden, vocabulary_of(model, list.form()));
  if (positions > 0) list.linear(Role::position_embedding, hidden, positions);
  if (model.token_types > 0) list.linear(Role::token_type_embedding, hidden, model.token_types);
  if (model.embedding_norm) list.norm(Role::embedding_norm, model.norm, hidden);
}

void append_output(TensorList& list, const Architecture& model) {
  const bool checkpoint = list.form() == Form::checkpoint;
  const bool output = checkpoint ? model.has_output && !model.tied_embeddings : model.writes_output();
  if (model.final_norm) list.norm(model.final_norm_role, model.norm, model.hidden_size);
  if (output)
    list.linear(Role::output, model.hidden_size, vocabulary_of(model, list.form()), model.output_bias);
  if (checkpoint && model.pooler) list.linear(Role::pooler, model.hidden_size, model.hidden_size, true);
}

// Computed by the converter from the config; not in the checkpoint.
void append_rope_table(TensorList& list, const Architecture& model) {
  if (list.form() == Form::checkpoint) return;
  const auto table = [&](Role role) { list.add(role, {model.rope_table_length}).learned = false; };
  switch (model.rope_table) {
    case Architecture::RopeTable::none: return;
    case Architecture::RopeTable::freqs: return table(Role::rope_freqs);
    case Architecture::RopeTable::factors_long_short:
      table(Role::rope_factors_long);
      table(Role::rope_factors_short);
  }
}

// The converter pads the table to the vocabulary (Gemma 3n), as the loader requires.
void append_per_layer_input(TensorList& list, const Architecture& model, const PerLayerInput& input) {
  const std::uint64_t width = times(input.width, model.blocks.size());
  const std::uint32_t rows = list.form() == Form::checkpoint ? input.vocab_size : model.vocab_size;
  list.linear(Role::per_layer_embedding, width, rows);
  list.linear(Role::per_layer_projection, model.hidden_size, width);
  list.norm(Role::per_layer_projection_norm, NormKind::rms, input.width);
}

void append_alternating_updates(TensorList& list, const Architecture& model,
                                const AlternatingUpdates& updates) {
  for (const Role role : {Role::altup_projection, Role::altup_unembed_projection})
    list.add(role, {model.hidden_size, model.hidden_size, updates.inputs - 1});
}

void append_hyper_connections(TensorList& list, const Architecture& model,
                              const HyperConnections& connections) {
  list.linear(Role::output_hc_fn, times(connections.streams, model.hidden_size), connections.streams);
  list.add(Role::output_hc_base, {connections.streams});
  list.add(Role::output_hc_scale, {1});
}

}  // namespace

std::uint64_t vocabulary_of(const Architecture& model, Form form) {
  return form == Form::checkpoint ? model.checkpoint_vocab_size : model.vocab_size;
}

void append_ends(TensorList& list, const Architecture& model) {
  append_embedding(list, model);
  append_output(list, model);
  append_rope_table(list, model);
  if (model.per_layer_input) append_per_layer_input(list, model, *model.per_layer_input);
  if (model.alternating_updates) append_alternating_updates(list, model, *model.alternating_updates);
  if (model.hyper_connections) append_hyper_connections(list, model, *model.hyper_connections);
  if (model.attention_residual_scores)
    append_residual_score(list, Role::output_residual_score, Role::output_residual_norm, model.hidden_size);
}

}  // namespace vramcalc
