#include <algorithm>
#include <array>

#include "source/hf_fields.hpp"

namespace vramcalc::source {
namespace {

using nlohmann::json;

// ---- biases

// A row's biases are those of its type's code; a config switches them on or off.
void biases(const HfFields& in, const json& row, json& out) {
  const std::string usual = row.value("attn_bias_layout", "none");
  for (const char* key : {"attention_bias", "qkv_bias", "use_qkv_bias", "add_qkv_bias", "use_bias"}) {
    const auto biased = in.flag(key);
    if (!biased) continue;
    const bool with_output = std::string_view(key) == "attention_bias" || std::string_view(key) == "use_bias";
    if (*biased && usual == "none" && !out.contains("attn_bias_layout"))
      out["attn_bias_layout"] = with_output ? "qkvo" : "qkv";
    if (!*biased && usual != "none" && with_output && !out.contains("attn_bias_layout"))
      out["attn_bias_layout"] = "none";
  }
  if (in.flag("attention_out_bias") == false && HfFields(out).text("attn_bias_layout") == "qkvo")
    out["attn_bias_layout"] = "qkv";
}

// ---- norms

constexpr std::array<std::string_view, 4> qk_norm_words{"none", "per_head", "per_layer",
                                                        "per_head_layernorm"};

// "use_qk_norm": true means Llama 4's unit norm only where the row's attention is chunked; else it switches
// the norm of the type on or off. Command R+ has a norm per head.
void query_norms(const HfFields& in, const json& row, json& out) {
  const std::string usual = row.value("qk_norm", "none");
  const bool unit = row.value("weigh_expert_inputs", false);
  const bool layer_norm = row.value("norm_type", "rmsnorm") == "layernorm_nobias";
  for (const char* key : {"use_qk_norm", "qk_norm", "qk_layernorm"}) {
    const auto normed = in.flag(key);
    if (!normed) continue;
    if (unit && std::string_view(key) == "use_qk_norm") continue;
    out.erase(key);
    out["qk_norm"] = !*normed          ? "none"
                     : usual != "none" ? usual
                     : layer_norm      ? "per_head_layernorm"
                                       : "per_head";
  }
  const std::string kind = in.text("qk_norm_type").value_or("");
  if (kind == "per_head" || kind == "per_layer")
    out["qk_norm"] = in.flag("use_qk_norm") == false ? "none" : kind;
  if (kind != "per_head" && kind != "per_layer") in.reject("qk_norm_type");
  if (const auto word = in.text("qk_norm");
      word && std::ranges::find(qk_norm_words, *word) == qk_norm_words.end())
    out.erase("qk_norm");
}

// Falcon 40B and 180B norm each part by itself.
void parallel_norms(const HfFields& in, json& out) {
  if (in.flag("new_decoder_architecture") == true && in.number("num_ln_in_parallel_attn").value_or(2) == 2)
    out["attention_norms"] = {"attn_norm.weight", "attn_norm_2.weight"};
  if (in.flag("use_parallel_residual") == true && !in.has("rotary_pct")) {  // StableLM 2 12B
    out["wiring"] = "parallel";
    out["feed_forward_norms"] = json::array();
  }
  if (in.flag("use_parallel_residual") == false && in.has("rotary_pct"))
    out["wiring"] = "pre_norm";  // GPT-NeoX
}

// One logit per head, in layers of either kind (MiMo-V2).
void sinks(const HfFields& in, json& out) {
  if (const auto full = in.flag("add_full_attention_sink_bias")) out["attention_sinks"] = *full;
  if (const auto sliding = in.flag("add_swa_attention_sink_bias")) out["swa_attention_sinks"] = *sliding;
}

// ---- activation, rope tables, positions

struct Activation {
  std::string_view theirs, ours;
};
constexpr std::array activations{
    Activation{"swish",         "silu" },
    Activation{"swiglu",        "silu" },
    Activation{"gelu_python",   "gelu" },
    Activation{"quick_gelu",    "gelu" },
    Activation{"gelu_tanh",     "gelu" },
    Activation{"relu_squared",  "relu2"},
    Activation{"geglu",         "gelu" },
    Activation{"gelu_accurate", "gelu" },
};

// The row has what its type's code does, even if the config differs (gpt-oss: "silu").
void activation(const HfFields& in, const json& row, json& out) {
  if (row.contains("hidden_act")) {
    in.take("hidden_act");
    out.erase("hidden_act");
    return;
  }
  const auto word = HfFields(out).text("hidden_act");
  if (!word) return;
  for (const Activation& each : activations)
    if (each.theirs == *word) out["hidden_act"] = each.ours;
}

// StarCoder2 writes the kind of norm with an underscore.
void norm_kind(const HfFields& in, json& out) {
  const std::string said = in.text("norm_type").value_or("");
  if (said == "layer_norm") out["norm_type"] = "layernorm";
  if (said == "rms_norm" || said == "rms") out["norm_type"] = "rmsnorm";
  if (said.starts_with("low_precision_")) out.erase("norm_type");  // MPT: the row's, computed in 16 bits
}

// Tables that the converter writes for Llama 3's and Phi 3's ways to a long context.
void rope_tables(const HfFields& in, const json& row, json& out) {
  if (row.contains("rope_table") || in.has("rope_table")) return;
  const json* object = in.find(in.has("rope_scaling") ? "rope_scaling" : "rope_parameters");
  if (object == nullptr) return;
  const HfFields scaling(*object);  // all of it is about positions
  const std::string type = scaling.text("rope_type").value_or(scaling.text("type").value_or(""));
  if (type == "llama3") out["rope_table"] = "freqs";
  const json* factors = scaling.find("long_factor");
  if (factors != nullptr && factors->is_array()) {
    out["rope_table"] = "factors_long_short";
    if (!factors->empty()) out["rope_table_length"] = factors->size();
  }
}

// BERT and GPT-2 learn their positions.
void positions(const HfFields& in, const json& row, json& out) {
  const bool learned = in.text("position_embedding_type") == "absolute" || row.value("pooler", false) ||
                       in.has("n_positions") || in.has("word_embed_proj_dim");
  const bool rotary = in.has("rotary_dim") || in.has("rotary_emb_fraction") || in.has("rope_theta");
  if (in.number("word_embed_proj_dim") == HfFields(out).number("hidden_size"))
    in.take("word_embed_proj_dim");
  else
    in.reject("word_embed_proj_dim");  // OPT 350M projects its embeddings
  const auto length = HfFields(out).number("max_position_embeddings");
  if (!learned || rotary || in.has("position_embeddings") || !length) return;
  out["position_embeddings"] = *length;
  const std::uint64_t unused = row.value("unused_positions", 0u);
  if (unused > 0 && *length > unused) out["max_position_embeddings"] = *length - unused;
}

// Factors that are 1 in other models.
void scales(const HfFields& in, json& out) {
  if (const auto scale = in.real("logits_scaling"); scale && !in.has("scale_logits"))
    out["scale_logits"] = *scale != 1.0;
  if (const auto scale = in.real("scale_emb")) out["embedding_multiplier"] = *scale;
  for (const char* key : {"attn_temperature_tuning"})
    if (const auto number = in.number(key)) out[key] = *number != 0;
}

}  // namespace

void translate_layout(const HfFields& in, const json& row, json& out) {
  biases(in, row, out);
  query_norms(in, row, out);
  sinks(in, out);
  parallel_norms(in, out);
  activation(in, row, out);
  norm_kind(in, out);
  rope_tables(in, row, out);
  positions(in, row, out);
  scales(in, out);
}

}  // namespace vramcalc::source
