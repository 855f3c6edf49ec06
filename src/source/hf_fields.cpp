#include "source/hf_fields.hpp"

#include <array>
#include <cmath>

namespace vramcalc::source {

using nlohmann::json;

namespace {

const json& nothing() {
  static const json object = json::object();
  return object;
}

}  // namespace

const json* HfFields::find(std::string_view key) const {
  if (!config_.is_object()) return nullptr;
  const auto found = config_.find(key);
  return found == config_.end() || found->is_null() ? nullptr : &*found;
}

// A present value is recorded as understood or misread; a missing one is not recorded.
template <typename Value>
Value HfFields::noted(std::string_view key, bool understood, Value value) const {
  if (record_ == nullptr || !has(key)) return value;
  if (understood)
    record_->add(path(key));
  else
    record_->misread(path(key));
  return value;
}

void HfFields::rename(std::string_view key, std::string_view field) const {
  if (record_ != nullptr) record_->rename(path(key), field);
}

const json* HfFields::take(std::string_view key) const {
  if (record_ != nullptr) record_->add(path(key));
  return find(key);
}

void HfFields::reject(std::string_view key) const {
  if (record_ != nullptr) record_->reject(path(key));
}

std::optional<std::uint64_t> HfFields::number(std::string_view key) const {
  const json* value = find(key);
  if (value == nullptr || !value->is_number_integer() ||
      (value->is_number_integer() && value->get<std::int64_t>() < 0 && !value->is_number_unsigned()))
    return noted(key, false, std::optional<std::uint64_t>());
  return noted(key, true, std::optional(value->get<std::uint64_t>()));
}

std::optional<double> HfFields::real(std::string_view key) const {
  const json* value = find(key);
  if (value == nullptr || !value->is_number()) return noted(key, false, std::optional<double>());
  return noted(key, true, std::optional(value->get<double>()));
}

std::optional<bool> HfFields::flag(std::string_view key) const {
  const json* value = find(key);
  if (value == nullptr || !value->is_boolean()) return noted(key, false, std::optional<bool>());
  return noted(key, true, std::optional(value->get<bool>()));
}

std::optional<std::string> HfFields::text(std::string_view key) const {
  const json* value = find(key);
  if (value == nullptr || !value->is_string()) return noted(key, false, std::optional<std::string>());
  return noted(key, true, std::optional(value->get<std::string>()));
}

std::vector<std::uint64_t> HfFields::numbers(std::string_view key) const {
  const json* value = find(key);
  std::vector<std::uint64_t> result;
  if (value == nullptr || !value->is_array()) return noted(key, false, result);
  for (const json& item : *value) {
    if (item.is_boolean())
      result.push_back(item.get<bool>() ? 1 : 0);
    else if (item.is_number_unsigned())
      result.push_back(item.get<std::uint64_t>());
    else
      return noted(key, false, std::vector<std::uint64_t>());
  }
  return noted(key, true, std::move(result));
}

std::vector<std::string> HfFields::texts(std::string_view key) const {
  const json* value = find(key);
  std::vector<std::string> result;
  if (value == nullptr || !value->is_array()) return noted(key, false, result);
  for (const json& item : *value) {
    if (!item.is_string()) return noted(key, false, std::vector<std::string>());
    result.push_back(item.get<std::string>());
  }
  return noted(key, true, std::move(result));
}

HfFields HfFields::inner(std::string_view key) const {
  const json* value = find(key);
  const bool is_object = value != nullptr && value->is_object();
  return HfFields(noted(key, is_object, is_object) ? *value : nothing(), record_, path(key) + ".");
}

HfFields HfFields::item(std::string_view key, std::size_t place) const {
  const json* list = find(key);
  const bool is_object =
      list != nullptr && list->is_array() && place < list->size() && (*list)[place].is_object();
  const std::string name = path(key) + "[" + std::to_string(place) + "]";
  if (is_object && record_ != nullptr) record_->add(name);
  return HfFields(is_object ? (*list)[place] : nothing(), record_, name + ".");
}

// ---- the same thing under other names

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
    Spelling{"norm_topk_prob",                  {"route_norm", "moe_renormalize", "norm_expert_weight"}                                            },
    Spelling{
             "routed_scaling_factor",           {"route_scale", "moe_router_scaling_factor", "moe_routed_scaling_factor", "router_scaling_factor"} },
    Spelling{"swa_num_attention_heads",         {"num_sliding_attention_heads"}                                                                    },
    Spelling{"head_gate",                       {"use_head_wise_attn_gate"}                                                                        },
    Spelling{"scoring_func",
             {"score_function", "score_func", "moe_router_activation_func", "moe_router_activation"}                                               },
    Spelling{"n_group",                         {"num_expert_group", "moe_n_group"}                                                                },
    Spelling{"ssm_state_size",                  {"mamba_d_state", "state_size", "d_state"}                                                         },
    Spelling{"mamba_d_conv",                    {"conv_kernel", "d_conv"}                                                                          },
    Spelling{"mamba_num_heads",                 {"mamba_n_heads"}                                                                                  },
    Spelling{"mamba_head_dim",                  {"mamba_d_head"}                                                                                   },
    Spelling{"mamba_conv_bias",                 {"use_conv_bias"}                                                                                  },
    Spelling{"mamba_inner_norms",               {"mamba_inner_layernorms"}                                                                         },
    Spelling{"mamba_d_inner",                   {"d_inner"}                                                                                        },
    Spelling{"moe_layer_freq",                  {"moe_layer_frequency", "moe_layer_interval"}                                                      },
    Spelling{"moe_latent_size",                 {"routed_expert_hidden_size"}                                                                      },
};

// Some authors give a list with one number per layer although all are equal.
std::optional<std::uint64_t> number_or_first(const json& value) {
  if (value.is_number_unsigned()) return value.get<std::uint64_t>();
  if (!value.is_array() || value.empty() || !value.front().is_number_unsigned()) return std::nullopt;
  for (const json& each : value)
    if (each != value.front()) return std::nullopt;
  return value.front().get<std::uint64_t>();
}

// Two spellings of a field must agree, or the others are not understood. The context length is the exception:
// tokenizers and older releases write their own, and the one that the class reads counts.
bool agrees(const json& plain, const json& other, std::string_view field) {
  return plain == other || field == "max_position_embeddings" || field == "hidden_act";
}

void translate(const HfFields& in, const Spelling& spelling, json& out) {
  const std::string field(spelling.field);
  for (std::string_view other : spelling.others) {
    const json* value = other.empty() ? nullptr : in.find(other);
    if (value == nullptr) continue;
    const auto number = number_or_first(*value);
    const json said = number ? json(*number) : *value;
    const auto plain = out.find(field);
    const bool first = plain == out.end() || plain->is_null();
    if (first) out[field] = said;
    if (first || agrees(*plain, said, field)) in.rename(other, field);
  }
}

// Lists of equal numbers for fields that the catalog has as one number.
void flatten(const HfFields& in, json& out) {
  for (const char* field :
       {"num_experts_per_tok", "moe_intermediate_size", "n_shared_experts", "num_experts"}) {
    const json* value = in.find(field);
    if (const auto number = value == nullptr ? std::nullopt : number_or_first(*value)) out[field] = *number;
  }
}

// The feed-forward width if a config has none: four times the hidden size (GPT-2, Falcon, BLOOM, MPT).
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

// Step-3.5: the heads of layers with a window.
void windowed_heads(const HfFields& other, json& out) {
  if (const auto type = other.text("attention_type"); type && *type != "sliding_attention")
    other.reject("attention_type");
  if (const auto heads = other.number("num_attention_heads")) out["swa_num_attention_heads"] = *heads;
  if (const auto kv_heads = other.number("num_attention_groups")) out["swa_num_key_value_heads"] = *kv_heads;
  const auto size = other.number("head_dim");
  if (size) out["swa_head_dim"] = *size;
  if (other.number("true_head_dim").value_or(size.value_or(0)) != size.value_or(0))
    other.reject("true_head_dim");
}

// DBRX and MPT keep attention and feed-forward in separate objects.
void nested(const HfFields& in, json& out) {
  const HfFields attention = in.inner("attn_config"), feed_forward = in.inner("ffn_config");
  if (const auto heads = attention.number("kv_n_heads")) out["num_key_value_heads"] = *heads;
  if (const auto clip = attention.real("clip_qkv")) out["clip_qkv"] = *clip;
  if (const auto width = feed_forward.number("ffn_hidden_size")) out["intermediate_size"] = *width;
  if (const auto experts = feed_forward.number("moe_num_experts")) out["num_experts"] = *experts;
  if (const auto used = feed_forward.number("moe_top_k")) out["num_experts_per_tok"] = *used;
  if (const auto power = feed_forward.real("moe_normalize_expert_weights"))
    out["norm_topk_prob"] = *power > 0;
  if (const auto alibi = attention.flag("alibi")) out["alibi"] = *alibi;
  windowed_heads(in.inner("attention_other_setting"), out);
}

// DeepSeek-VL2 and Hunyuan say that they have no latent attention but still give widths for it.
void without_latent_attention(const HfFields& in, json& out) {
  if (in.flag("use_mla") != false) return;
  for (const char* field :
       {"kv_lora_rank", "q_lora_rank", "qk_nope_head_dim", "qk_rope_head_dim", "v_head_dim"}) {
    in.take(field);
    out.erase(field);
  }
}

// Arctic: a dense part along with the experts, as wide as the hidden size.
void dense_residual(const HfFields& in, json& out) {
  if (in.flag("parallel_attn_mlp_res") != true || in.has("dense_residual_intermediate_size")) return;
  if (const auto hidden = HfFields(out).number("hidden_size"))
    out["dense_residual_intermediate_size"] = *hidden;
}

// LFM2 states a width that its class reduces to two thirds and rounds up.
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
  dense_residual(in, out);
  without_latent_attention(in, out);
}

}  // namespace vramcalc::source
