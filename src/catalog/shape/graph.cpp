#include <nlohmann/json.hpp>

#include "catalog/shape/parts.hpp"

namespace vramcalc::catalog {
namespace {

bool parallel_with(const Architecture& model, const std::vector<TensorKind>& norms, std::size_t more_than) {
  return model.wiring == Wiring::parallel && norms.size() > more_than;
}

GraphTraits read_traits(Fields& graph) {
  using Row = GraphTraits::RowSelection;
  GraphTraits traits;
  traits.row_selection = word_or<Row>(graph, "row_selection",
                                      {
                                          {"in_last_block",     Row::in_last_block    },
                                          {"before_final_norm", Row::before_final_norm},
                                          {"after_final_norm",  Row::after_final_norm }
  },
                                      Row::in_last_block);
  traits.residual_first_attention = graph.flag_or("residual_first_attention", false);
  traits.residual_first_feed_forward = graph.flag_or("residual_first_feed_forward", false);
  traits.parallel_residual_last = graph.flag_or("parallel_residual_last", false);
  traits.parallel_attention_first = graph.flag_or("parallel_attention_first", false);
  traits.scales_query = graph.flag_or("scales_query", false);
  traits.scales_final_hidden = graph.flag_or("scales_final_hidden", false);
  traits.expands_embedding = graph.flag_or("expands_embedding", false);
  traits.expands_attention_input = graph.flag_or("expands_attention_input", false);
  traits.position_components = optional_positive(graph, "position_components").value_or(1);
  traits.plain_rope_in_windows = graph.flag_or("plain_rope_in_windows", false);
  traits.reserves_one_sequence = graph.flag_or("reserves_one_sequence", false);
  traits.norms_by_rms = graph.flag_or("norms_by_rms", false);
  traits.never_flash_attention = graph.flag_or("never_flash_attention", false);
  traits.computes_logits = graph.flag_or("computes_logits", true);
  traits.rows_after_attention_norm = graph.flag_or("rows_after_attention_norm", false);
  traits.experts_read_block_input = graph.flag_or("experts_read_block_input", false);
  traits.residual_is_normed = graph.flag_or("residual_is_normed", false);
  traits.stacked_embeddings = graph.number32_or("stacked_embeddings", 0);
  graph.finish();
  return traits;
}

}  // namespace

// "pooling": the pooling of an embedding model, in sentence-transformers' words. "graph": the order of
// operations in llama.cpp's graph of this architecture, which no config states.
GraphTraits read_graph(Fields& fields, const Architecture& model) {
  const nlohmann::json* object = fields.optional_raw("graph");
  const nlohmann::json none = nlohmann::json::object();
  Fields graph(object == nullptr ? none : *object, fields.file(), fields.entry() + ": graph");
  GraphTraits traits = read_traits(graph);
  using Pooling = GraphTraits::Pooling;
  traits.pooling = word_or<Pooling>(fields, "pooling",
                                    {
                                        {"none", Pooling::none     },
                                        {"mean", Pooling::mean     },
                                        {"cls",  Pooling::one_token},
                                        {"last", Pooling::one_token}
  },
                                    Pooling::none);
  traits.residual_stack_interval = fields.number32_or("attn_res_block_size", 0);
  traits.parallel_attention_norm = parallel_with(model, model.block_norms.attention, 1);
  traits.parallel_feed_forward_norm = parallel_with(model, model.block_norms.feed_forward, 0);
  return traits;
}

}  // namespace vramcalc::catalog
