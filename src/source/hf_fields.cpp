#include "source/hf_fields.hpp"

#include <array>
#include <cmath>

namespace vramcalc::source {

using nlohmann::json;

const json* HfFields::find(std::string_view key) const {
  if (!config_.is_object()) return nullptr;
  const auto found = config_.find(key);
  return found == config_.end() || found->is_null() ? nullptr : &*found;
}

std::optional<std::uint64_t> HfFields::number(std::string_view key) const {
  const json* value = find(key);
  if (value == nullptr || !value->is_number_integer() ||
      (value->is_number_integer() && value->get<std::int64_t>() < 0 && !value->is_number_unsigned()))
    return std::nullopt;
  return value->get<std::uint64_t>();
}

std::optional<double> HfFields::real(std::string_view key) const {
  const json* value = find(key);
  return value == nullptr || !value->is_number() ? std::nullopt : std::optional(value->get<double>());
}

std::optional<bool> HfFields::flag(std::string_view key) const {
  const json* value = find(key);
  return value == nullptr || !value->is_boolean() ? std::nullopt : std::optional(value->get<bool>());
}

std::optional<std::string> HfFields::text(std::string_view key) const {
  const json* value = find(key);
  return value == nullptr || !value->is_string() ? std::nullopt : std::optional(value->get<std::string>());
}

std::vector<std::uint64_t> HfFields::numbers(std::string_view key) const {
  const json* value = find(key);
  std::vector<std::uint64_t> result;
  if (value == nullptr || !value->is_array()) return result;
  for (const json& item : *value) {
    if (item.is_boolean())
      result.push_back(item.get<bool>() ? 1 : 0);
    else if (item.is_number_unsigned())
      result.push_back(item.get<std::uint64_t>());
    else
      return {};
  }
  return result;
}

std::vector<std::string> HfFields::texts(std::string_view key) const {
  const json* value = find(key);
  std::vector<std::string> result;
  if (value == nullptr || !value->is_array()) return result;
  for (const json& item : *value) {
    if (!item.is_string()) return {};
    result.push_back(item.get<std::string>());
  }
  return result;
}

HfFields HfFields::inner(std::string_view key) const {
  static const json nothing = json::object();
  const json* value = find(key);
  return HfFields(value == nullptr || !value->is_object() ? nothing : *value);
}

// ---- the same thing under other names
// --------------------------------------------------------------------------

namespace {

struct Spelling {
  std::string_view field;  // the catalog's
  std::array<std::string_view, 6> others;
};

// conversion/*.py of llama.cpp 0.5.0 (find_hparam) and the configs themselves.
constexpr std::array spellings{
    Spelling{"hidden_size",                     {"n_embd", "d_model", "dim", "n_embed", "hidden_dim"}                                              },
    Spelling{"num_hidden_layers",               {"n_layer", "n_layers", "num_layers"}                                                              },
    Spelling{"num_attention_heads",             {"n_head", "n_heads", "num_heads"}                                                                 },
    Spelling{"num_key_value_heads",
             {"num_kv_heads", "n_head_kv", "n_kv_heads", "multi_query_group_num", "num_attention_groups",
              "num_query_groups"}                                                                                                                  },
    Spelling{"head_dim",                        {"attention_head_dim", "kv_channels", "attention_head_size"}                                       },
    Spelling{"intermediate_size",
             {"n_inner", "ffn_hidden_size", "ffn_dim", "block_ff_dim", "inner_hidden_size"}                                                        },
    Spelling{"vocab_size",                      {"padded_vocab_size", "n_vocab"}                                                                   },
    Spelling{
             "max_position_embeddings",         {"n_positions", "max_seq_len", "seq_length", "max_sequence_length", "model_max_length", "n_ctx"}   },
    Spelling{"hidden_act",                      {"hidden_activation", "activation_function", "mlp_hidden_act", "activation"}                       },
    Spelling{"num_experts",                     {"n_routed_experts", "num_local_experts", "moe_num_experts", "num_moe_experts"}                    },
    Spelling{
             "num_experts_per_tok",             {"num_experts_per_token", "experts_per_token", "moe_k", "moe_topk", "moe_top_k", "top_k_experts"}  },
    Spelling{
             "moe_intermediate_size",           {"expert_intermediate_size", "moe_ffn_hidden_size", "expert_ffn_hidden_size", "expert_hidden_size"}},
    Spelling{"n_shared_experts",                {"num_shared_experts", "moe_num_shared_experts", "num_shared_expert"}                              },
    Spelling{"shared_expert_intermediate_size",
             {"moe_shared_expert_intermediate_size", "shared_intermediate_size", "share_expert_dim",
              "share_expert_dims"}                                                                                                                 },
    Spelling{"dense_intermediate_size",         {"intermediate_size_mlp", "prefix_dense_intermediate_size"}                                        },
    Spelling{"first_k_dense_replace",           {"moe_layer_start_index", "num_dense_layers", "first_k_dense"}                                     },
    Spelling{"num_nextn_predict_layers",        {"mtp_num_hidden_layers", "num_mtp_layers", "n_mtp_layers"}                                        },
    Spelling{"sliding_window",                  {"sliding_window_size", "window_size"}                                                             },
    Spelling{"conv_L_cache",                    {"conv_l_cache"}                                                                                   },
    Spelling{"norm_topk_prob",                  {"route_norm", "moe_renormalize"}                                                                  },
    Spelling{"scoring_func",
             {"score_function", "score_func", "moe_router_activation_func", "moe_router_activation"}                                               },
    Spelling{"n_group",                         {"num_expert_group", "moe_n_group"}                                                                },
    Spelling{"ssm_state_size",                  {"mamba_d_state", "state_size", "d_state"}                                                         },
    Spelling{"mamba_d_conv",                    {"conv_kernel", "d_conv"}                                                                          },
    Spelling{"mamba_num_heads",                 {"mamba_n_heads"}                                                                                  },
    Spelling{"mamba_head_dim",                  {"mamba_d_head"}                                                                                   },
    Spelling{"moe_latent_size",                 {"routed_expert_hidden_size"}                                                                      },
};

// Some authors give a list with a number a layer where all are the same.
std::optional<std::uint64_t> number_or_first(const HfFields& in, std::string_view key) {
  if (const auto number = in.number(key)) return number;
  const std::vector<std::uint64_t> list = in.numbers(key);
  for (std::uint64_t each : list)
    if (each != list.front()) return std::nullopt;
  return list.empty() ? std::nullopt : std::optional(list.front());
}

void translate(const HfFields& in, const Spelling& spelling, json& out) {
  const std::string field(spelling.field);
  if (in.has(field)) return;
  for (std::string_view other : spelling.others) {
    if (other.empty()) return;
    const json* value = in.find(other);
    if (value == nullptr) continue;
    if (const auto number = number_or_first(in, other))
      out[field] = *number;
    else
      out[field] = *value;
    return;
  }
}

// Lists of equal numbers where the catalog wants one.
void flatten(const HfFields& in, json& out) {
  for (const char* field :
       {"num_experts_per_tok", "moe_intermediate_size", "n_shared_experts", "num_experts"})
    if (const auto number = number_or_first(in, field)) out[field] = *number;
}

// Feed-forward width where a config has none: four times the hidden size (GPT-2, Falcon, BLOOM, MPT).
void default_width(const HfFields& in, json& out) {
  const HfFields so_far(out);
  const auto hidden = so_far.number("hidden_size");
  if (so_far.has("intermediate_size") || !hidden) return;
  const auto ratio = in.number("expansion_ratio");
  if (ratio || in.has("n_inner") || in.has("n_embd") || in.has("n_embed") || in.has("multi_query") ||
      in.has("n_head"))
    out["intermediate_size"] = ratio.value_or(4) * *hidden;
}

// Falcon and StarCoder: one KV head for all.
void multi_query(const HfFields& in, json& out) {
  const HfFields so_far(out);
  if (in.flag("multi_query") == true && in.flag("new_decoder_architecture") != true)
    out["num_key_value_heads"] = 1u;
  if (in.flag("multi_query") == false && in.flag("new_decoder_architecture") != true &&
      so_far.has("num_attention_heads"))
    out["num_key_value_heads"] = *so_far.find("num_attention_heads");
}

// DBRX and MPT keep attention and feed-forward in objects of their own.
void nested(const HfFields& in, json& out) {
  const HfFields attention = in.inner("attn_config"), feed_forward = in.inner("ffn_config");
  if (const auto heads = attention.number("kv_n_heads")) out["num_key_value_heads"] = *heads;
  if (const auto clip = attention.real("clip_qkv")) out["clip_qkv"] = *clip;
  if (const auto width = feed_forward.number("ffn_hidden_size")) out["intermediate_size"] = *width;
  if (const auto experts = feed_forward.number("moe_num_experts")) out["num_experts"] = *experts;
  if (const auto used = feed_forward.number("moe_top_k")) out["num_experts_per_tok"] = *used;
}

// LFM2 states a width that its own class shrinks to two thirds and rounds up.
void adjusted_width(const HfFields& in, json& out) {
  const auto stated = in.number("block_ff_dim");
  if (!stated) return;
  double width = static_cast<double>(*stated);
  if (in.flag("block_auto_adjust_ff_dim").value_or(true)) {
    width = std::floor(2 * width / 3);
    if (const auto multiplier = in.real("block_ffn_dim_multiplier")) width = std::floor(*multiplier * width);
    const std::uint64_t unit = in.number("block_multiple_of").value_or(256);
    if (unit > 0 && unit <= 65536 && width >= 0 && width < 1e9)
      width = static_cast<double>((static_cast<std::uint64_t>(width) + unit - 1) / unit * unit);
  }
  if (width >= 0 && width < 4e9) out["intermediate_size"] = static_cast<std::uint64_t>(width);
}

}  // namespace

void translate_spellings(const HfFields& in, json& out) {
  for (const Spelling& spelling : spellings) translate(in, spelling, out);
  flatten(in, out);
  nested(in, out);
  multi_query(in, out);
  default_width(in, out);
  adjusted_width(in, out);
}

}  // namespace vramcalc::source
