#include <algorithm>
#include <array>
#include <cmath>

#include "source/hf_fields.hpp"

namespace vramcalc::source {
namespace {

using nlohmann::json;

constexpr std::uint64_t most_layers = 4096;

std::uint64_t layers_of(const json& out) {
  return std::min(HfFields(out).number("num_hidden_layers").value_or(0), most_layers);
}

struct Word {
  std::string_view theirs, ours;
};
constexpr std::array words{
    Word{"attention",        "full_attention"   },
    Word{"full_attention",   "full_attention"   },
    Word{"global",           "full_attention"   },
    Word{"global_attention", "full_attention"   },
    Word{"attn",             "full_attention"   },
    Word{"sliding",          "sliding_attention"},
    Word{"sliding_window",   "sliding_attention"},
    Word{"local",            "sliding_attention"},
    Word{"mamba2",           "mamba"            },
    Word{"recurrent",        "linear_attention" },
};

// Words that the catalog has already stay as they are; what nobody knows is for its reader to refuse.
std::string kind_of(const std::string& theirs) {
  const auto found = std::ranges::find(words, theirs, &Word::theirs);
  return found == words.end() ? theirs : std::string(found->ours);
}

void listed_kinds(const HfFields& in, json& out) {
  const std::vector<std::string> listed = in.texts("layer_types");
  if (listed.empty()) return;
  std::vector<std::string> kinds;
  for (const std::string& each : listed) kinds.push_back(kind_of(each));
  // A list may cover the prediction layers too (Step-3.5).
  if (const std::uint64_t layers = layers_of(out); layers > 0 && kinds.size() > layers) kinds.resize(layers);
  out["layer_types"] = kinds;
}

// Nemotron-H: a letter a layer.
void lettered_kinds(const HfFields& in, json& out) {
  constexpr std::array<std::pair<char, std::string_view>, 5> letters{
      {{'M', "mamba"}, {'*', "full_attention"}, {'-', "mlp"}, {'E', "moe"}, {'|', ""}}
  };
  const auto pattern = in.text("hybrid_override_pattern");
  if (!pattern) return;
  std::vector<std::string> kinds;
  for (char letter : *pattern) {
    const auto found = std::ranges::find(letters, letter, &std::pair<char, std::string_view>::first);
    if (found == letters.end())
      kinds.push_back(std::string(1, letter));
    else if (!found->second.empty())
      kinds.emplace_back(found->second);
  }
  out["layer_types"] = kinds;
}

// A number a layer, of which one value means one kind and all others another.
void numbered_kinds(const HfFields& in, std::string_view key, std::uint64_t value, std::string_view kind,
                    std::string_view otherwise, json& out) {
  const std::vector<std::uint64_t> list = in.numbers(key);
  if (list.empty()) return;
  std::vector<std::string> kinds;
  for (std::uint64_t each : list) kinds.emplace_back(each == value ? kind : otherwise);
  out["layer_types"] = kinds;
}

// The layers of one kind by their numbers.
void picked_kinds(const std::vector<std::uint64_t>& picked, std::uint64_t first, std::string_view kind,
                  std::string_view otherwise, json& out) {
  if (picked.empty()) return;
  std::vector<std::string> kinds(layers_of(out), std::string(otherwise));
  for (std::uint64_t each : picked)
    if (each >= first && each - first < kinds.size()) kinds[each - first] = kind;
  out["layer_types"] = kinds;
}

// Every n-th from an offset (Jamba).
void periodic_kinds(const HfFields& in, json& out) {
  const auto period = in.number("attn_layer_period");
  if (!period || *period == 0) return;
  std::vector<std::string> kinds;
  for (std::uint64_t i = 0; i < layers_of(out); ++i)
    kinds.emplace_back(i % *period == in.number("attn_layer_offset").value_or(0) % *period ? "full_attention"
                                                                                           : "mamba1");
  out["layer_types"] = kinds;
}

// GLM-5.2: which layers have an indexer of their own.
void indexer_kinds(const HfFields& in, json& out) {
  const std::vector<std::string> types = in.texts("indexer_types");
  if (types.empty()) return;
  std::vector<std::string> kinds;
  for (std::uint64_t i = 0; i < std::min<std::uint64_t>(layers_of(out), types.size()); ++i)
    kinds.emplace_back(types[i] == "full" ? "full_attention" : "shared_indexer");
  out["layer_types"] = kinds;
}

std::vector<std::string> kinds_in(const json& out) {
  const auto found = out.find("layer_types");
  std::vector<std::string> kinds;
  if (found == out.end() || !found->is_array()) return kinds;
  for (const json& each : *found)
    if (each.is_string()) kinds.push_back(each.get<std::string>());
  return kinds;
}

// A window that the config itself switches off, or that no layer has.
void unused_window(const HfFields& in, json& out) {
  if (in.flag("use_sliding_window") == false) {
    out.erase("sliding_window");
    std::vector<std::string> kinds = kinds_in(out);
    if (std::ranges::find(kinds, "sliding_attention") == kinds.end()) return;
    std::ranges::replace(kinds, std::string("sliding_attention"), std::string("full_attention"));
    out["layer_types"] = kinds;
  }
}

// Qwen 2: layers from max_window_layers on; llama.cpp has no window for it.
void late_windows(const HfFields& in, json& out) {
  if (in.flag("use_sliding_window") != true || out.contains("layer_types") || !in.has("sliding_window"))
    return;
  const std::uint64_t first = in.number("max_window_layers").value_or(0);
  std::vector<std::string> kinds;
  for (std::uint64_t i = 0; i < layers_of(out); ++i)
    kinds.emplace_back(i < first ? "full_attention" : "sliding_attention");
  out["layer_types"] = kinds;
}

// A type whose layers have windows, in a model that has none.
void no_window(const json& row, json& out) {
  const bool windowed =
      row.value("layer_pattern", json()).dump().find("sliding_attention") != std::string::npos;
  if (windowed && !out.contains("layer_types") && !HfFields(out).has("sliding_window"))
    out["layer_pattern"] = nullptr;
}

}  // namespace

void translate_layers(const HfFields& in, const json& row, json& out) {
  out.erase("layer_types");
  listed_kinds(in, out);
  if (!out.contains("layer_types") && in.find("layer_types") != nullptr)
    out["layer_types"] = *in.find("layer_types");
  lettered_kinds(in, out);
  numbered_kinds(in, "hybrid_layer_pattern", 1, "sliding_attention", "full_attention", out);
  numbered_kinds(in, "attn_type_list", 1, "full_attention", "lightning_attention", out);
  picked_kinds(in.numbers("full_attn_idxs"), 0, "full_attention", "conv", out);
  picked_kinds(in.numbers("cross_attention_layers"), 0, "cross_attention", "full_attention", out);
  picked_kinds(in.inner("linear_attn_config").numbers("full_attn_layers"), 1, "full_attention", "kda", out);
  periodic_kinds(in, out);
  indexer_kinds(in, out);
  late_windows(in, out);
  unused_window(in, out);
  no_window(row, out);
}

// ---- experts
// -----------------------------------------------------------------------------------------------------

namespace {

std::vector<std::uint64_t> comma_separated(const std::string& text) {
  std::vector<std::uint64_t> numbers;
  std::uint64_t number = 0;
  bool any = false;
  for (char c : text + ",") {
    if (c >= '0' && c <= '9' && number < most_layers) {
      number = number * 10 + static_cast<std::uint64_t>(c - '0');
      any = true;
    } else if (c == ',') {
      if (any) numbers.push_back(number);
      number = 0;
      any = false;
    }
  }
  return numbers;
}

void set_expert_layers(const std::vector<bool>& experts, json& out) {
  std::vector<std::uint32_t> flags;
  for (bool each : experts) flags.push_back(each ? 1 : 0);
  out["moe_layer_freq"] = flags;
}

// Qwen: every n-th, counted from one, but for some that are listed.
void sparse_step(const HfFields& in, json& out) {
  const std::uint64_t step = in.number("decoder_sparse_step").value_or(1);
  const std::vector<std::uint64_t> dense = in.numbers("mlp_only_layers");
  if (step == 0 || (step == 1 && dense.empty())) return;
  std::vector<bool> experts;
  for (std::uint64_t i = 0; i < layers_of(out); ++i)
    experts.push_back((i + 1) % step == 0 && std::ranges::find(dense, i) == dense.end());
  set_expert_layers(experts, out);
}

// Step-3.5: the layers with experts, as numbers in a text or a list.
void enumerated(const HfFields& in, std::string_view key, json& out) {
  std::vector<std::uint64_t> listed = in.numbers(key);
  if (const auto text = in.text(key)) listed = comma_separated(*text);
  if (listed.empty()) return;
  std::vector<bool> experts;
  for (std::uint64_t i = 0; i < layers_of(out); ++i)
    experts.push_back(std::ranges::find(listed, i) != listed.end());
  set_expert_layers(experts, out);
}

}  // namespace

void translate_experts(const HfFields& in, json& out) {
  sparse_step(in, out);
  enumerated(in, "moe_layers_enum", out);
  const std::vector<std::uint64_t> flags = in.numbers("is_moe_layer");
  if (!flags.empty()) set_expert_layers({flags.begin(), flags.end()}, out);
  for (const char* positive :
       {"n_group", "topk_group", "moe_intermediate_size", "interleave_moe_layer_step", "expert_layer_period"})
    if (HfFields(out).number(positive) == 0u) out.erase(positive);
  if (HfFields(out).number("num_experts").value_or(0) == 0) {
    for (const char* field : {"num_experts_per_tok", "moe_intermediate_size"}) out.erase(field);
    // Granite 4.0 without experts: the shared expert is the whole feed-forward part.
    if (const auto shared = in.number("shared_intermediate_size"); shared && in.has("num_local_experts"))
      out["intermediate_size"] = *shared;
  }
}

// ---- recurrent kinds
// -----------------------------------------------------------------------------------------------

void translate_recurrent(const HfFields& in, json& out) {
  const HfFields so_far(out);
  const std::uint64_t hidden = so_far.number("hidden_size").value_or(0);
  const HfFields linear = in.inner("linear_attn_config");
  if (const auto heads = linear.number("num_heads")) out["linear_num_heads"] = *heads;
  if (const auto size = linear.number("head_dim")) out["linear_head_dim"] = *size;
  if (const auto kernel = linear.number("short_conv_kernel_size")) out["linear_conv_kernel_dim"] = *kernel;

  // Mamba writes its own names where others have attention's.
  const bool mamba_alone = in.has("state_size") && in.has("conv_kernel");
  if (const auto groups = in.number("n_groups"); groups && !in.has("mamba_n_groups"))
    out["mamba_n_groups"] = *groups;
  if (mamba_alone && in.has("num_heads")) {
    out["mamba_num_heads"] = *in.find("num_heads");
    out["mamba_head_dim"] = in.number("head_dim").value_or(64);
  }
  const auto expand = in.number(in.has("mamba_expand") ? "mamba_expand" : "expand");
  std::optional<std::uint64_t> inner = in.number("mamba_d_ssm");
  if (!inner && mamba_alone) inner = in.number("intermediate_size");
  if (!inner && expand && *expand <= 64) inner = *expand * hidden;
  if (inner && !in.has("mamba_d_inner")) out["mamba_d_inner"] = *inner;
  const auto rank = in.number(in.has("mamba_dt_rank") ? "mamba_dt_rank" : "time_step_rank");
  if (inner) out["mamba_dt_rank"] = rank ? *rank : (hidden + 15) / 16;  // "auto"
  if (so_far.has("mamba_head_dim") && HfFields(out).find("mamba_head_dim")->is_string()) {
    const auto heads = HfFields(out).number("mamba_num_heads");
    if (inner && heads && *heads > 0) out["mamba_head_dim"] = *inner / *heads;
  }
}

}  // namespace vramcalc::source
