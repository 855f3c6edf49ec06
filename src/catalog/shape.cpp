#include "catalog/shape.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "catalog/shape/parts.hpp"

namespace vramcalc::catalog {
namespace {

using nlohmann::json;

Wiring read_wiring(Fields& fields) {
  return word_or<Wiring>(fields, "wiring",
                         {
                             {"pre_norm",  Wiring::pre_norm },
                             {"sandwich",  Wiring::sandwich },
                             {"post_norm", Wiring::post_norm},
                             {"parallel",  Wiring::parallel },
                             {"encoder",   Wiring::encoder  },
                             {"single",    Wiring::single   }
  },
                         Wiring::pre_norm);
}

BlockNorms usual_norms(Wiring wiring) {
  switch (wiring) {
    case Wiring::pre_norm: return {{Role::attn_norm}, {Role::ffn_norm}};
    case Wiring::sandwich:
      return {
          {Role::attn_norm, Role::post_attention_norm},
          {Role::ffn_norm,  Role::post_ffw_norm      }
      };
    case Wiring::post_norm: return {{Role::post_attention_norm}, {Role::post_ffw_norm}};
    case Wiring::parallel: return {{Role::attn_norm}, {}};
    case Wiring::encoder: return {{Role::attn_output_norm}, {Role::layer_output_norm}};
    case Wiring::single: return {{Role::attn_norm}, {Role::post_attention_norm}};
  }
  return {};
}

void read_norms(Fields& fields, Architecture& model) {
  model.wiring = read_wiring(fields);
  model.norm = word_or<NormKind>(fields, "norm_type",
                                 {
                                     {"rmsnorm",          NormKind::rms               },
                                     {"layernorm",        NormKind::layer             },
                                     {"layernorm_nobias", NormKind::layer_without_bias},
                                     {"none",             NormKind::none              }
  },
                                 NormKind::rms);
  model.block_norms = usual_norms(model.wiring);
  if (fields.has("attention_norms")) model.block_norms.attention = kinds_named(fields, "attention_norms");
  if (fields.has("feed_forward_norms"))
    model.block_norms.feed_forward = kinds_named(fields, "feed_forward_norms");
  model.final_norm = fields.flag_or("final_norm", true);
  if (const auto name = fields.optional_text("final_norm_name"))
    model.final_norm_role = kind_named(fields, "final_norm_name", *name).role;
  model.embedding_norm = fields.flag_or("embedding_norm", false);
}

void read_vocabulary(Fields& fields, Architecture& model) {
  model.checkpoint_vocab_size = positive(fields, "vocab_size");
  model.vocab_size = optional_positive(fields, "gguf_vocab_size").value_or(model.checkpoint_vocab_size);
  model.tied_embeddings = fields.flag_or("tie_word_embeddings", false);
  if (fields.flag_or("no_lm_head", false)) model.tied_embeddings = true;
  model.has_output = fields.flag_or("has_output", true);
  model.output_before_embedding = fields.flag_or("output_before_embedding", false);
  model.causal = fields.flag_or("causal", true);
  model.stores_duplicate_head = fields.flag_or("stored_duplicate_lm_head", false);
  model.converts_duplicate_head = fields.flag_or("converts_duplicate_lm_head", true);
  model.output_bias = fields.flag_or("lm_head_bias", false);
  model.pooler = fields.flag_or("pooler", false);
  model.token_types = fields.number32_or("type_vocab_size", 0);
  model.checkpoint_position_embeddings = fields.number32_or("position_embeddings", 0);
  const std::uint32_t unused = fields.number32_or("unused_positions", 0);
  if (unused > model.checkpoint_position_embeddings)
    fields.fail("unused_positions", fmt::format("{} of {}", unused, model.checkpoint_position_embeddings));
  model.position_embeddings = model.checkpoint_position_embeddings - unused;
}

// Half of a head's rotated values; a config may give another length (Gemma 4: that of its full layers).
std::uint32_t rope_table_length(Fields& fields, const Architecture& model) {
  if (const auto length = optional_positive(fields, "rope_table_length")) return *length;
  for (const Block& block : model.blocks) {
    if (const auto* grouped = std::get_if<GroupedQueryAttention>(&block.attention))
      return grouped->key_length / 2;
    if (const auto* latent = std::get_if<LatentAttention>(&block.attention))
      return latent->qk_rope_head_dim / 2;
  }
  fields.fail("rope_table", "no layer of this shape has a rope");
}

void read_rope_table(Fields& fields, Architecture& model) {
  using Table = Architecture::RopeTable;
  model.rope_table = word_or<Table>(
      fields, "rope_table",
      {
          {"none",               Table::none              },
          {"freqs",              Table::freqs             },
          {"factors_long_short", Table::factors_long_short}
  },
      Table::none);
  if (model.rope_table != Table::none) model.rope_table_length = rope_table_length(fields, model);
}

void read_layer_extras(Fields& fields, Architecture& model) {
  if (const std::uint32_t width = fields.number32_or("hidden_size_per_layer_input", 0); width > 0)
    model.per_layer_input = PerLayerInput{width, positive(fields, "vocab_size_per_layer_input")};
  fields.optional_number32("vocab_size_per_layer_input");
  if (const auto inputs = optional_positive(fields, "altup_num_inputs"))
    model.alternating_updates = AlternatingUpdates{*inputs, positive(fields, "laurel_rank")};
  if (const auto streams = optional_positive(fields, "hc_mult"))
    model.hyper_connections = HyperConnections{*streams};
  model.layer_output_scale = fields.flag_or("layer_output_scale", false);
  model.attention_residual_scores = fields.number32_or("attn_res_block_size", 0) > 0;
}

// How serving engines store the state of Mamba and linear attention.
void read_recurrent_state(Fields& fields, Architecture& model) {
  using Type = std::optional<ElementType>;
  model.recurrent_state_type = word_or<Type>(fields, "mamba_ssm_cache_dtype",
                                             {
                                                 {"auto",     std::nullopt     },
                                                 {"float32",  ElementType::f32 },
                                                 {"float16",  ElementType::f16 },
                                                 {"bfloat16", ElementType::bf16}
  },
                                             std::nullopt);
  model.recurrent_chunk = fields.number32_or("mamba_chunk_size", 0);
}

// A flag of the row, or a factor of the config other than 1.
bool scales(Fields& fields, std::string_view flag, std::initializer_list<std::string_view> factors) {
  bool result = fields.flag_or(flag, false);
  for (std::string_view factor : factors) result |= fields.optional_real(factor).value_or(1.0) != 1.0;
  return result;
}

void read_scales(Fields& fields, Architecture& model) {
  model.scales_embedding = scales(fields, "scale_embedding", {"embedding_multiplier", "scale_emb"});
  model.scales_residual = scales(fields, "scale_residual", {"residual_multiplier"});
  model.scales_logits = scales(fields, "scale_logits", {"logit_scale", "logits_scaling"});
  model.softcaps_logits = fields.optional_real("final_logit_softcapping").has_value();
  model.softcaps_attention = fields.optional_real("attn_logit_softcapping").has_value();
  model.clamps_qkv = fields.optional_real("clip_qkv").has_value();
  model.alibi = fields.flag_or("alibi", false);
}

std::vector<Tower> read_towers(Fields& fields) {
  std::vector<Tower> towers;
  const json* list = fields.optional_raw("towers");
  if (list == nullptr) return towers;
  for (const json& each : *list) {
    Fields tower(each, fields.file(), fields.entry() + ": towers");
    towers.push_back({tower.text("kind"), tower.number("parameters")});
    tower.finish();
  }
  return towers;
}

// A layer without a cache of its own reads that of the last owner of its kind (llama.cpp 0.5.0,
// src/models/gemma3n.cpp, gemma4.cpp: the last or the last but one layer that owns a cache).
void share_caches(Fields& fields, Architecture& model, const std::vector<LayerPlan>& layers) {
  for (std::size_t i = 0; i < layers.size(); ++i) {
    if (!layers[i].shares_cache) continue;
    std::size_t owner = i;
    while (owner > 0 && (layers[owner].shares_cache || layers[owner].kind != layers[i].kind)) --owner;
    auto* attention = std::get_if<GroupedQueryAttention>(&model.blocks[i].attention);
    if (attention == nullptr || layers[owner].shares_cache || layers[owner].kind != layers[i].kind)
      fields.fail("num_kv_shared_layers", fmt::format("layer {} has no earlier layer of its kind", i));
    attention->reuses_cache_of = static_cast<std::uint32_t>(owner);
  }
}

void read_blocks(Fields& fields, Architecture& model) {
  const std::uint64_t layers = checked_multiply(positive(fields, "num_hidden_layers"),
                                                optional_positive(fields, "blocks_per_layer").value_or(1));
  const auto plan =
      read_layers(fields, static_cast<std::uint32_t>(std::min<std::uint64_t>(layers, UINT32_MAX)));
  AttentionReader attention(fields, model.hidden_size);
  const FeedForwardReader feed_forward(fields);
  model.mtp = read_mtp(fields);
  model.blocks.reserve(plan.size() + (model.mtp ? model.mtp->layers : 0));
  for (std::size_t i = 0; i < plan.size(); ++i) {
    const auto alike = static_cast<std::size_t>(std::find(plan.begin(), plan.end(), plan[i]) - plan.begin());
    model.blocks.push_back(alike < i ? model.blocks[alike]
                                     : Block{attention.read(plan[i]), feed_forward.read(plan[i]), false});
  }
  share_caches(fields, model, plan);
  for (std::uint32_t i = 0; model.mtp && i < model.mtp->layers; ++i) {
    const LayerPlan layer = read_mtp_layer(fields, plan, i);
    model.blocks.push_back({attention.read(layer), feed_forward.read(layer), true});
  }
}

bool has_experts(const Block& block) { return std::holds_alternative<MixtureOfExperts>(block.feed_forward); }

bool is_recurrent(const Block& block) {
  return std::holds_alternative<Mamba1>(block.attention) || std::holds_alternative<Mamba2>(block.attention);
}

// For some model types the converter's architecture depends on the layers (Nemotron-H, Granite 4).
void read_gguf_name(Fields& fields, Architecture& model) {
  const auto& blocks = model.blocks;
  model.gguf_name = fields.optional_text("gguf_architecture").value_or("");
  model.gguf_refusal = fields.optional_text("gguf_refusal").value_or("");
  const auto with_experts = fields.optional_text("gguf_architecture_with_experts");
  const auto without_recurrence = fields.optional_text("gguf_architecture_without_recurrence");
  if (with_experts && std::any_of(blocks.begin(), blocks.end(), has_experts)) model.gguf_name = *with_experts;
  if (without_recurrence && std::none_of(blocks.begin(), blocks.end(), is_recurrent))
    model.gguf_name = *without_recurrence;
  if (model.gguf_name.empty() == model.gguf_refusal.empty())
    fields.fail("gguf_architecture", "either this or a gguf_refusal is needed");
}

Architecture read_fields(Fields& fields) {
  Architecture model;
  model.model_type = fields.text("model_type");
  model.hidden_size = positive(fields, "hidden_size");
  // In configs of every kind, though latent attention and Mamba do not use them.
  for (std::string_view key : {"num_attention_heads", "num_key_value_heads", "head_dim"})
    fields.optional_number32(key);
  model.context_length = positive(fields, "max_position_embeddings");
  read_vocabulary(fields, model);
  read_norms(fields, model);
  read_blocks(fields, model);
  read_gguf_name(fields, model);
  read_rope_table(fields, model);
  read_layer_extras(fields, model);
  read_recurrent_state(fields, model);
  read_scales(fields, model);
  model.graph = read_graph(fields, model);
  model.towers = read_towers(fields);
  return model;
}

// null in the config removes the row's value; an object is merged into the row's.
json merge(const json& row, const json& config) {
  json merged = row;
  for (const auto& [key, value] : config.items()) {
    if (value.is_object() && merged.contains(key) && merged[key].is_object())
      merged[key].update(value);
    else
      merged[key] = value;
  }
  return merged;
}

}  // namespace

TensorKind kind_named(const Fields& fields, std::string_view key, std::string_view name) {
  const TensorKind kind = tensor_kind(name);
  if (kind.role == Role::other) fields.fail(key, fmt::format("no tensor is called \"{}\"", name));
  return kind;
}

std::vector<TensorKind> kinds_named(Fields& fields, std::string_view key) {
  std::vector<TensorKind> kinds;
  for (const std::string& name : fields.texts_or_none(key)) kinds.push_back(kind_named(fields, key, name));
  return kinds;
}

std::uint32_t positive(Fields& fields, std::string_view key) {
  const std::uint32_t value = fields.number32(key);
  if (value == 0) fields.fail(key, "must not be 0");
  return value;
}

std::optional<std::uint32_t> optional_positive(Fields& fields, std::string_view key) {
  const auto value = fields.optional_number32(key);
  if (value == 0u) fields.fail(key, "must not be 0");
  return value;
}

Architecture read_architecture(const json& config, const json& architectures, const std::string& file,
                               const std::string& entry, std::vector<std::string>& unused) {
  Fields own(config, file, entry);
  const std::string model_type = own.text("model_type");
  const auto row = architectures.find(model_type);
  if (row == architectures.end())
    own.fail("model_type", fmt::format("\"{}\" has no row in architectures.json", model_type));
  const json merged = merge(*row, config);
  Fields fields(merged, file, entry);
  const Architecture model = read_fields(fields);
  unused = fields.unused();
  return model;
}

Architecture read_architecture(const json& config, const json& architectures, const std::string& file,
                               const std::string& entry) {
  std::vector<std::string> unused;
  const Architecture model = read_architecture(config, architectures, file, entry, unused);
  if (!unused.empty()) Fields(config, file, entry).fail(unused.front(), "unknown key");
  return model;
}

}  // namespace vramcalc::catalog
