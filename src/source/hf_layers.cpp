#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "model/letters.hpp"
#include "source/hf_fields.hpp"

namespace vramcalc::source {
namespace {

using nlohmann::json;

constexpr std::uint64_t most_layers = 4096;

// A longer list has too many layers, which the catalog's reader refuses without seeing all of them.
constexpr std::size_t longest_list = 2 * most_layers;

template <typename List>
List shortened(List list) {
  if (list.size() > longest_list) list.resize(longest_list);
  return list;
}

std::uint64_t layers_of(const json& out) {
  return std::min(HfFields(out).number("num_hidden_layers").value_or(0), most_layers);
}

struct Word {
  std::string_view theirs, ours;
};
// transformers 5 (configuration_utils.py, remap_legacy_layer_types) renamed some and reads the old ones.
constexpr std::array words{
    Word{"attention",                 "full_attention"   },
    Word{"full_attention",            "full_attention"   },
    Word{"global",                    "full_attention"   },
    Word{"global_attention",          "full_attention"   },
    Word{"attn",                      "full_attention"   },
    Word{"indexed_attention",         "full_attention"   },
    Word{"deepseek_sparse_attention", "full_attention"   },
    Word{"sliding",                   "sliding_attention"},
    Word{"sliding_window",            "sliding_attention"},
    Word{"local",                     "sliding_attention"},
    Word{"minimax_m3_sparse",         "sparse_attention" },
    Word{"mamba2",                    "mamba"            },
};

bool has_pattern_of(const json& row, std::string_view kind) {
  return row.value("layer_pattern", json()).dump().find(fmt::format("\"{}\"", kind)) != std::string::npos;
}

// Some words only say that a layer is recurrent; the model type says which kind.
std::string recurrent_kind(const std::string& theirs, const HfFields& in, const json& row) {
  if (row.contains("mamba_inner_norms")) return "mamba1";  // Jamba
  if (theirs == "mamba" || in.has("linear_num_key_heads"))
    return theirs == "mamba" ? "mamba" : "linear_attention";
  for (const char* kind : {"kda", "lightning_attention"})
    if (has_pattern_of(row, kind)) return kind;
  for (const char* key : {"mamba_num_heads", "mamba_n_heads", "mamba_d_state", "ssm_state_size"})
    if (in.has(key)) return "mamba";
  return "linear_attention";
}

// Words of the catalog stay as they are; its reader refuses unknown ones.
std::string kind_of(const std::string& theirs, const HfFields& in, const json& row) {
  if (theirs == "mamba" || theirs == "linear_attention" || theirs == "recurrent")
    return recurrent_kind(theirs, in, row);
  if (theirs == "hybrid" && has_pattern_of(row, "mamba2+attention")) return "mamba2+attention";  // Falcon-H1
  const auto found = std::ranges::find(words, theirs, &Word::theirs);
  return found == words.end() ? theirs : std::string(found->ours);
}

// One word per layer: "layer_types", and "layers_block_type" of hybrid models in transformers 5.
void listed_kinds(const HfFields& in, const json& row, std::string_view key, json& out) {
  const std::vector<std::string> listed = shortened(in.texts(key));
  if (listed.empty()) return;
  std::vector<std::string> kinds;
  for (const std::string& each : listed) kinds.push_back(kind_of(each, in, row));
  // A list may cover the prediction layers too (Step-3.5).
  if (const std::uint64_t layers = layers_of(out); layers > 0 && kinds.size() > layers) kinds.resize(layers);
  out["layer_types"] = kinds;
}

// A config may give the number of layers by a list with one value per layer.
void count_layers(const HfFields& in, json& out) {
  if (const auto listed = in.texts("layers_block_type"); !listed.empty())
    out["num_hidden_layers"] = listed.size();  // whatever the number says (configuration_nemotron_h.py)
  if (HfFields(out).has("num_hidden_layers")) return;
  for (const char* key : {"layers_block_type", "layer_types", "block_configs", "mlp_layer_types",
                          "hybrid_layer_pattern", "attn_type_list", "moe_layer_freq"})
    if (const json* list = in.find(key); list != nullptr && list->is_array() && !list->empty()) {
      out["num_hidden_layers"] = list->size();
      return;
    }
  if (const auto pattern = in.text("hybrid_override_pattern"))
    out["num_hidden_layers"] = pattern->size() - static_cast<std::size_t>(std::ranges::count(*pattern, '|'));
}

// Nemotron-H: one letter per layer.
void lettered_kinds(const HfFields& in, json& out) {
  constexpr std::array<std::pair<char, std::string_view>, 5> letters{
      {{'M', "mamba"}, {'*', "full_attention"}, {'-', "mlp"}, {'E', "moe"}, {'|', ""}}
  };
  auto pattern = in.text("hybrid_override_pattern");
  if (!pattern) return;
  pattern->resize(std::min(pattern->size(), longest_list));
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

// One number per layer: one value means one kind, all others another.
void numbered_kinds(const HfFields& in, std::string_view key, std::uint64_t value, std::string_view kind,
                    std::string_view otherwise, json& out) {
  const std::vector<std::uint64_t> list = shortened(in.numbers(key));
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

// Every n-th layer has full attention, the others follow the row's pattern.
std::string_view other_kind(const json& row) {
  for (std::string_view kind : {"sliding_attention", "chunked_attention", "linear_attention", "kda"})
    if (has_pattern_of(row, kind)) return kind;
  return {};
}

void kinds_by_interval(std::uint64_t interval, std::string_view other, json& out) {
  std::vector<std::string> kinds;
  for (std::uint64_t i = 0; i < layers_of(out); ++i)
    kinds.emplace_back((i + 1) % interval == 0 ? "full_attention" : other);
  out["layer_types"] = kinds;
}

// transformers: configuration_gemma3.py, configuration_cohere2.py, configuration_qwen3_next.py,
// configuration_afmoe.py.
constexpr std::array intervals{"full_attention_interval", "global_attn_every_n_layers",
                               "sliding_window_pattern", "layer_switch", "attn_every_n_layers"};

void interval_kinds(const HfFields& in, const json& row, json& out) {
  const std::string_view other = other_kind(row);
  for (const char* key : intervals) {
    const json* value = in.find(key);
    if (value == nullptr) continue;
    if (out.contains("layer_types")) {  // which is more specific
      in.take(key);
    } else if (!other.empty() && value->is_number_unsigned() && *value > 0) {
      kinds_by_interval(*in.number(key), other, out);
    }
  }
}

// EXAONE 4: "LLLG", local and global, repeated; its last layer is global.
void lettered_windows(const HfFields& in, json& out) {
  const json* value = in.find("sliding_window_pattern");
  if (value == nullptr || !value->is_string() || out.contains("layer_types")) return;
  const std::string letters = value->get<std::string>();
  if (letters.empty() || letters.find_first_not_of("LG") != std::string::npos) return;
  in.take("sliding_window_pattern");
  std::vector<std::string> kinds;
  for (std::uint64_t i = 0; i < layers_of(out); ++i)
    kinds.emplace_back(letters[i % letters.size()] == 'L' && i + 1 < layers_of(out) ? "sliding_attention"
                                                                                    : "full_attention");
  out["layer_types"] = kinds;
}

// Llama 4: 1 for a layer with rope, whose attention is chunked. SmolLM3's list repeats its interval, and only
// the interval is read.
void rope_kinds(const HfFields& in, const json& row, json& out) {
  for (std::uint64_t with : in.numbers("use_rope_layers"))  // Step-3.5: all of them
    if (with == 0) in.reject("use_rope_layers");
  const std::vector<std::uint64_t> with_rope = in.numbers("no_rope_layers");
  if (with_rope.empty()) return;
  if (other_kind(row) == "chunked_attention") {
    if (!out.contains("layer_types"))
      numbered_kinds(in, "no_rope_layers", 1, "chunked_attention", "full_attention", out);
    return;
  }
  const json own = row.value("no_rope_layer_interval", json());
  const std::uint64_t interval =
      in.number("no_rope_layer_interval").value_or(own.is_number() ? own.get<std::uint64_t>() : 0);
  for (std::size_t i = 0; i < with_rope.size(); ++i)
    if ((with_rope[i] != 0) != (interval == 0 || (i + 1) % interval != 0)) in.reject("no_rope_layers");
}

// MiniMax-M3: which layers select blocks by an index, and how.
void sparse_kinds(const HfFields& in, json& out) {
  const HfFields sparse = in.inner("sparse_attention_config");
  const bool off = sparse.flag("use_sparse_attention") == false;
  for (const auto& [key, value] : sparse.items())
    if (off) sparse.take(key);
  const std::vector<std::uint64_t> layers = shortened(sparse.numbers("sparse_attention_freq"));
  if (off || layers.empty()) return;
  std::vector<std::string> kinds;
  for (std::uint64_t each : layers) kinds.emplace_back(each != 0 ? "sparse_attention" : "full_attention");
  out["layer_types"] = kinds;
  for (const char* key :
       {"sparse_num_index_heads", "sparse_index_dim", "sparse_topk_blocks", "sparse_block_size"})
    if (const auto number = sparse.number(key)) out[key] = *number;
  for (const char* computed :
       {"sparse_disable_index_value", "sparse_score_type", "sparse_local_block", "sparse_init_block"})
    sparse.take(computed);
}

// GLM-5.2: which layers have an indexer of their own, as a list, a text of letters, or every n-th
// (transformers 5, configuration_glm_moe_dsa.py).
std::vector<bool> own_indexers(const HfFields& in, std::uint64_t layers) {
  std::vector<bool> own;
  const std::string letters = in.text("index_topk_pattern").value_or("");
  const std::uint64_t every = in.number("index_topk_freq").value_or(1);
  const std::uint64_t offset = in.number("index_skip_topk_offset").value_or(2);
  for (const std::string& type : shortened(in.texts("indexer_types"))) own.push_back(type == "full");
  for (std::size_t i = 0; own.empty() && !letters.empty() && i < layers; ++i)
    own.push_back(i < letters.size() && letters[i] == 'F');
  for (std::uint64_t i = 0; own.size() < layers && every > 1 && letters.empty(); ++i)
    own.push_back(i + 1 < offset || (i + 1 - offset) % every == 0);
  return own;
}

void indexer_kinds(const HfFields& in, json& out) {
  std::vector<bool> own = own_indexers(in, layers_of(out));
  if (own.empty()) return;
  own.resize(std::min<std::size_t>(own.size(), layers_of(out)));
  std::vector<std::string> kinds;
  for (bool each : own) kinds.emplace_back(each ? "full_attention" : "shared_indexer");
  out["layer_types"] = kinds;
}

// DeepSeek V4 in transformers 5 (configuration_deepseek_v4.py): words for the ratios of compression, and for
// the layers whose experts are chosen by a table.
std::uint64_t ratio_of(std::string_view word) {
  if (word == "compressed_sparse_attention") return 4;
  return word == "heavily_compressed_attention" ? 128 : 0;
}

void compressed_kinds(const HfFields& in, const json& row, json& out) {
  if (!has_pattern_of(row, "compressed_attention")) return;
  std::vector<std::uint64_t> ratios;
  for (const std::string& word : shortened(in.texts("layer_types"))) ratios.push_back(ratio_of(word));
  const auto is_known = [](const std::string& word) {
    return ratio_of(word) > 0 || word == "sliding_attention";
  };
  if (!std::ranges::all_of(in.texts("layer_types"), is_known)) return;
  out.erase("layer_types");
  if (!ratios.empty() && !in.has("compress_ratios")) out["compress_ratios"] = ratios;
  const HfFields rates = in.inner("compress_rates");
  for (const auto& [word, rate] : rates.items())
    if (rates.number(word) != ratio_of(word)) rates.reject(word);
  const std::vector<std::string> experts = in.texts("mlp_layer_types");
  if (!experts.empty())
    out["num_hash_layers"] = static_cast<std::uint64_t>(std::ranges::count(experts, "hash_moe"));
  const auto head = in.number("head_dim");
  const auto rotated = in.real("partial_rotary_factor");
  const bool is_a_part = head && *head < 1u << 20 && rotated && *rotated >= 0 && *rotated <= 1;
  if (!in.has("qk_rope_head_dim") && is_a_part)
    out["qk_rope_head_dim"] = static_cast<std::uint64_t>(static_cast<double>(*head) * *rotated);
}

std::vector<std::string> kinds_in(const json& out) {
  const auto found = out.find("layer_types");
  std::vector<std::string> kinds;
  if (found == out.end() || !found->is_array()) return kinds;
  for (const json& each : *found)
    if (each.is_string()) kinds.push_back(each.get<std::string>());
  return kinds;
}

// A window that the config switches off or that no layer has.
void unused_window(const HfFields& in, json& out) {
  if (in.flag("use_sliding_window") == false) {
    in.take("sliding_window");
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

// Blocks found by architecture search (Nemotron-NAS, transformers' custom code modeling_decilm.py): how many
// heads share a KV head, and a feed-forward width as a multiple of the hidden size, two thirds of it, rounded
// up to 256. The catalog writes [group or 0, width or 0, times].
std::uint64_t searched_width(double multiple, std::uint64_t hidden) {
  const double width = 2 * multiple * static_cast<double>(hidden) / 3;
  if (!(width > 0 && width < 1e9)) return 0;
  return (static_cast<std::uint64_t>(width) + 255) / 256 * 256;
}

std::uint64_t searched_group(const HfFields& attention) {
  return attention.flag("no_op") == true ? 0 : attention.number("n_heads_in_group").value_or(0);
}

std::uint64_t searched_feed_forward(const HfFields& part, std::uint64_t hidden) {
  if (part.flag("no_op") == true) return 0;
  if (const auto width = part.number("intermediate_size")) return *width;
  return searched_width(part.real("ffn_mult").value_or(0), hidden);
}

void searched_blocks(const HfFields& in, json& out) {
  const json* list = in.find("block_configs");
  if (list == nullptr || !list->is_array() || list->empty() || !list->front().is_object()) return;
  const std::uint64_t hidden = HfFields(out).number("hidden_size").value_or(0);
  json blocks = json::array();
  for (std::size_t i = 0; i < std::min(list->size(), longest_list); ++i) {
    const HfFields block = in.item("block_configs", i);
    blocks.push_back(
        {searched_group(block.inner("attention")), searched_feed_forward(block.inner("ffn"), hidden), 1u});
  }
  out["block_configs"] = blocks;
}

}  // namespace

void translate_layers(const HfFields& in, const json& row, json& out) {
  out.erase("layer_types");
  count_layers(in, out);
  listed_kinds(in, row, "layers_block_type", out);
  listed_kinds(in, row, "layer_types", out);
  if (!out.contains("layer_types") && in.find("layer_types") != nullptr)
    out["layer_types"] = *in.find("layer_types");
  compressed_kinds(in, row, out);
  lettered_kinds(in, out);
  numbered_kinds(in, "hybrid_layer_pattern", 1, "sliding_attention", "full_attention", out);
  numbered_kinds(in, "attn_type_list", 1, "full_attention", "lightning_attention", out);
  picked_kinds(in.numbers("full_attn_idxs"), 0, "full_attention", "conv", out);
  picked_kinds(in.numbers("cross_attention_layers"), 0, "cross_attention", "full_attention", out);
  picked_kinds(in.inner("linear_attn_config").numbers("full_attn_layers"), 1, "full_attention", "kda", out);
  in.inner("linear_attn_config").numbers("kda_layers");  // the others
  if (const auto without_rope = in.flag("mla_use_nope")) out["mla_rope"] = !*without_rope;
  sparse_kinds(in, out);
  periodic_kinds(in, out);
  indexer_kinds(in, out);
  rope_kinds(in, row, out);
  lettered_windows(in, out);
  interval_kinds(in, row, out);
  searched_blocks(in, out);
  late_windows(in, out);
  unused_window(in, out);
  no_window(row, out);
}

// ---- experts

namespace {

std::vector<std::uint64_t> comma_separated(const std::string& text) {
  std::vector<std::uint64_t> numbers;
  std::uint64_t number = 0;
  bool any = false;
  for (char c : text + ",") {
    if (numbers.size() == longest_list) break;
    if (is_digit(c) && number < most_layers) {
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

// Qwen: every n-th layer, counted from one, except those listed.
void sparse_step(const HfFields& in, json& out) {
  const std::uint64_t step = in.number("decoder_sparse_step").value_or(1);
  const std::vector<std::uint64_t> dense = shortened(in.numbers("mlp_only_layers"));
  if (step == 0 || (step == 1 && dense.empty())) return;
  std::vector<bool> experts;
  for (std::uint64_t i = 0; i < layers_of(out); ++i)
    experts.push_back((i + 1) % step == 0 && std::ranges::find(dense, i) == dense.end());
  set_expert_layers(experts, out);
}

// ERNIE 4.5: the last layer with experts, which is the last layer.
void last_expert_layer(const HfFields& in, const json& out) {
  const auto last = in.number("moe_layer_end_index");
  if (last && *last + 1 != layers_of(out)) in.reject("moe_layer_end_index");
}

// Step-3.5: the layers with experts, as numbers in a text or a list.
void enumerated(const HfFields& in, std::string_view key, json& out) {
  std::vector<std::uint64_t> listed = shortened(in.numbers(key));
  if (const auto text = in.text(key)) listed = comma_separated(*text);
  if (listed.empty()) return;
  std::vector<bool> experts;
  for (std::uint64_t i = 0; i < layers_of(out); ++i)
    experts.push_back(std::ranges::find(listed, i) != listed.end());
  set_expert_layers(experts, out);
}

}  // namespace

// The bias used to select experts, under its many names.
void correction_bias(const HfFields& in, json& out) {
  for (const char* key :
       {"use_routing_bias", "use_moe_router_bias", "use_expert_bias", "moe_router_enable_expert_bias",
        "moe_router_use_expert_bias", "enable_moe_router_bias", "moe_use_aux_free"})
    if (const auto biased = in.flag(key)) out["router_correction_bias"] = *biased;
  if (in.text("scoring_func") == "noaux_tc")
    out.erase("scoring_func");  // dots.llm1: a method, and not a score
  const std::string method = in.text("topk_method").value_or("");
  if (method == "noaux_tc") out["router_correction_bias"] = true;
  if (method == "greedy" || method == "group_limited_greedy") out["router_correction_bias"] = false;
  if (method != "noaux_tc" && method != "greedy" && method != "group_limited_greedy")
    in.reject("topk_method");
}

// One word per layer (transformers 5: GLM-5).
void worded(const HfFields& in, json& out) {
  const std::vector<std::string> listed = in.texts("mlp_layer_types");
  if (listed.empty()) return;
  const auto is_of_v4 = [](const std::string& word) { return word == "hash_moe" || word == "moe"; };
  if (std::ranges::all_of(listed, is_of_v4)) return;
  for (const std::string& word : listed)
    if (word != "dense" && word != "sparse") return in.reject("mlp_layer_types");
  std::vector<bool> experts;
  for (const std::string& word : listed) experts.push_back(word == "sparse");
  if (experts.size() > layers_of(out)) experts.resize(layers_of(out));
  set_expert_layers(experts, out);
}

void translate_experts(const HfFields& in, json& out) {
  correction_bias(in, out);
  sparse_step(in, out);
  enumerated(in, "moe_layers_enum", out);
  enumerated(in, "moe_layers", out);
  worded(in, out);
  last_expert_layer(in, out);
  const std::vector<std::uint64_t> flags = in.numbers("is_moe_layer");
  if (!flags.empty()) set_expert_layers({flags.begin(), flags.end()}, out);
  for (const char* off : {"n_group", "topk_group", "routed_scaling_factor"})  // Hunyuan: false for none
    if (in.flag(off) == false) out.erase(off);
  if (in.number("num_experts") == 1u) out["num_experts"] = 0u;  // Hunyuan: a dense model
  for (const char* positive :
       {"n_group", "topk_group", "moe_intermediate_size", "interleave_moe_layer_step", "expert_layer_period"})
    if (HfFields(out).number(positive) == 0u) out.erase(positive);
  if (HfFields(out).number("num_experts").value_or(0) == 0) {
    for (const char* field : {"num_experts_per_tok", "moe_intermediate_size"}) {
      in.take(field);
      out.erase(field);
    }
    // Granite 4.0 without experts: the shared expert is the whole feed-forward part.
    if (const auto shared = in.number("shared_intermediate_size"); shared && in.has("num_local_experts"))
      out["intermediate_size"] = *shared;
  }
}

// ---- recurrent kinds

void translate_recurrent(const HfFields& in, json& out) {
  const HfFields so_far(out);
  const std::uint64_t hidden = so_far.number("hidden_size").value_or(0);
  const HfFields linear = in.inner("linear_attn_config");
  if (const auto heads = linear.number("num_heads")) out["linear_num_heads"] = *heads;
  if (const auto size = linear.number("head_dim")) out["linear_head_dim"] = *size;
  if (const auto kernel = linear.number("short_conv_kernel_size")) out["linear_conv_kernel_dim"] = *kernel;

  // Mamba uses its own names for fields that others have for attention.
  const bool mamba_alone = in.has("state_size") && in.has("conv_kernel");
  if (const auto groups = in.number("n_groups"); groups && !in.has("mamba_n_groups"))
    out["mamba_n_groups"] = *groups;
  if (mamba_alone && in.has("num_heads")) {
    out["mamba_num_heads"] = *in.take("num_heads");
    out["mamba_head_dim"] = in.number("head_dim").value_or(64);
  }
  if (const auto type = in.text("mamba_ssm_dtype"); type && !in.has("mamba_ssm_cache_dtype"))
    out["mamba_ssm_cache_dtype"] = *type;
  if (const auto chunk = in.number("chunk_size"); chunk && !in.has("mamba_chunk_size"))
    out["mamba_chunk_size"] = *chunk;
  const auto expand = in.number(in.has("mamba_expand") ? "mamba_expand" : "expand");
  std::optional<std::uint64_t> inner = in.number("mamba_d_ssm");
  if (!inner && mamba_alone) inner = in.number("intermediate_size");
  if (!inner && expand && *expand <= 64) inner = *expand * hidden;
  if (inner && !in.has("mamba_d_inner")) out["mamba_d_inner"] = *inner;
  const char* rank_key = in.has("mamba_dt_rank") ? "mamba_dt_rank" : "time_step_rank";
  const auto rank = in.number(rank_key);
  if (const json* word = in.find(rank_key); word != nullptr && word->is_string() && *word != "auto")
    in.reject(rank_key);
  if (inner) out["mamba_dt_rank"] = rank ? *rank : (hidden + 15) / 16;  // "auto"
  if (const json* size = HfFields(out).find("mamba_head_dim"); size != nullptr && *size == "auto") {
    const auto heads = HfFields(out).number("mamba_num_heads");
    if (inner && heads && *heads > 0) out["mamba_head_dim"] = *inner / *heads;
  }
}

}  // namespace vramcalc::source
