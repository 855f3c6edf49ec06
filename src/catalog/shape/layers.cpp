#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "catalog/shape/parts.hpp"

namespace vramcalc::catalog {
namespace {

using nlohmann::json;

constexpr std::pair<std::string_view, LayerKind> kinds[] = {
    {"full_attention",       LayerKind::full_attention      },
    {"sliding_attention",    LayerKind::sliding_attention   },
    {"chunked_attention",    LayerKind::chunked_attention   },
    {"cross_attention",      LayerKind::cross_attention     },
    {"shared_indexer",       LayerKind::shared_indexer      },
    {"sparse_attention",     LayerKind::sparse_attention    },
    {"compressed_attention", LayerKind::compressed_attention},
    {"linear_attention",     LayerKind::linear_attention    },
    {"kda",                  LayerKind::kda                 },
    {"lightning_attention",  LayerKind::lightning_attention },
    {"conv",                 LayerKind::conv                },
    {"mamba",                LayerKind::mamba               },
    {"mamba1",               LayerKind::mamba1              },
    {"mamba2+attention",     LayerKind::mamba2_and_attention},
    {"mlp",                  LayerKind::mlp                 },
    {"moe",                  LayerKind::moe                 },
};

LayerKind kind_from_word(Fields& fields, std::string_view key, const std::string& word) {
  for (const auto& [name, kind] : kinds)
    if (name == word) return kind;
  std::vector<std::string_view> known;
  for (const auto& each : kinds) known.push_back(each.first);
  fields.fail(key,
              fmt::format("{} is not a kind of layer; known are {}", shown(word), fmt::join(known, ", ")));
}

void require_length(Fields& fields, std::string_view key, std::size_t found, std::size_t wanted) {
  if (found != wanted) fields.fail(key, fmt::format("{} values for {} layers", found, wanted));
}

std::vector<std::uint32_t> run_length_numbers(Fields& fields, std::string_view key) {
  std::vector<std::uint32_t> result;
  for (const std::string& text : run_lengths(fields, key)) {
    const json value = json::parse(text, nullptr, false);
    if (!value.is_number_unsigned() || value.get<std::uint64_t>() > UINT32_MAX)
      fields.fail(key, fmt::format("{} is not a whole number of 32 bits", text));
    result.push_back(value.get<std::uint32_t>());
  }
  return result;
}

// layer_types lists every layer; layer_pattern, from a model_type's row, repeats to the end.
void plan_kinds(Fields& fields, std::vector<LayerPlan>& layers) {
  const bool pattern = fields.optional_raw("layer_pattern") != nullptr;
  if (fields.optional_raw("layer_types") != nullptr) {
    const auto words = run_lengths(fields, "layer_types");
    require_length(fields, "layer_types", words.size(), layers.size());
    for (std::size_t i = 0; i < layers.size(); ++i)
      layers[i].kind = kind_from_word(fields, "layer_types", words[i]);
  } else if (pattern) {
    const auto words = run_lengths(fields, "layer_pattern");
    if (words.empty()) fields.fail("layer_pattern", "empty");
    for (std::size_t i = 0; i < layers.size(); ++i)
      layers[i].kind = kind_from_word(fields, "layer_pattern", words[i % words.size()]);
  }
}

bool is_list(Fields& fields, std::string_view key) {
  const json* value = fields.optional_raw(key);
  return value != nullptr && value->is_array();
}

// Which layers are mixtures of experts: a 0/1 list, every n-th with an offset (Jamba), every n-th counted
// from one (Llama 4), or every n-th after a dense lead (DeepSeek).
void plan_experts(Fields& fields, std::vector<LayerPlan>& layers) {
  const std::uint32_t lead = fields.number32_or("first_k_dense_replace", 0);
  const auto step = optional_positive(fields, "interleave_moe_layer_step");
  const auto period = optional_positive(fields, "expert_layer_period");
  const std::uint32_t offset = fields.number32_or("expert_layer_offset", 0);
  const bool has_experts = fields.optional_number32("num_experts").value_or(0) > 0;
  if (is_list(fields, "moe_layer_freq")) {
    const auto flags = run_length_numbers(fields, "moe_layer_freq");
    require_length(fields, "moe_layer_freq", flags.size(), layers.size());
    for (std::size_t i = 0; i < layers.size(); ++i) layers[i].experts = has_experts && flags[i] != 0;
    return;
  }
  const std::uint32_t every = optional_positive(fields, "moe_layer_freq").value_or(1);
  if (lead > layers.size())
    fields.fail("first_k_dense_replace", fmt::format("{} of {} layers", lead, layers.size()));
  for (std::size_t i = 0; i < layers.size(); ++i) {
    bool experts = i >= lead && i % every == 0;
    if (step) experts = (i + 1) % *step == 0;
    if (period) experts = i % *period == offset % *period;
    layers[i].experts = has_experts && experts;
  }
}

// Layers with one part (Nemotron-H): the kind determines which.
void plan_single_parts(std::vector<LayerPlan>& layers) {
  for (LayerPlan& layer : layers) {
    layer.attention = layer.kind != LayerKind::mlp && layer.kind != LayerKind::moe;
    layer.feed_forward = !layer.attention;
    layer.experts = layer.kind == LayerKind::moe;
  }
}

// Blocks found by architecture search (Nemotron-NAS): [heads that share a KV head or 0, feed-forward width or
// 0, times].
void plan_block_configs(Fields& fields, std::vector<LayerPlan>& layers) {
  const json& runs = fields.raw("block_configs");
  const std::uint32_t heads = positive(fields, "num_attention_heads");
  std::size_t at = 0;
  for (const json& run : runs) {
    if (!run.is_array() || run.size() != 3 || !run[0].is_number_unsigned() || !run[1].is_number_unsigned() ||
        !run[2].is_number_unsigned())
      fields.fail("block_configs", fmt::format("[group, width, times] was expected, not {}", shown(run)));
    const auto group = run[0].get<std::uint32_t>();
    if (group > 0 && heads % group != 0)
      fields.fail("block_configs", fmt::format("{} heads do not divide into groups of {}", heads, group));
    const auto times = run[2].get<std::uint64_t>();
    if (times > layers.size() - at)
      fields.fail("block_configs", fmt::format("more blocks than the {} layers", layers.size()));
    for (std::uint64_t n = times; n > 0; --n, ++at) {
      layers[at].attention = group > 0;
      layers[at].kv_heads = group > 0 ? heads / group : 0;
      layers[at].width = run[1].get<std::uint32_t>();
      layers[at].feed_forward = layers[at].width > 0;
    }
  }
  require_length(fields, "block_configs", at, layers.size());
}

void plan_widths(Fields& fields, std::vector<LayerPlan>& layers) {
  const auto widths = run_length_numbers(fields, "intermediate_size");
  require_length(fields, "intermediate_size", widths.size(), layers.size());
  for (std::size_t i = 0; i < layers.size(); ++i) layers[i].width = widths[i];
}

// The last layers read the cache of earlier ones (Gemma 3n and 4); in some models they are twice as wide.
void plan_shared_caches(Fields& fields, std::vector<LayerPlan>& layers) {
  const std::uint32_t shared = fields.number32_or("num_kv_shared_layers", 0);
  const bool wide = fields.flag_or("use_double_wide_mlp", false);
  if (shared >= layers.size())
    fields.fail("num_kv_shared_layers", fmt::format("{} of {} layers", shared, layers.size()));
  for (std::size_t i = layers.size() - shared; i < layers.size(); ++i) {
    layers[i].shares_cache = true;
    if (wide) layers[i].width = 2 * positive(fields, "intermediate_size");
  }
}

// SmolLM3: every n-th layer, counted from one, has no rope.
void plan_rope(Fields& fields, std::vector<LayerPlan>& layers) {
  const auto interval = optional_positive(fields, "no_rope_layer_interval");
  for (std::size_t i = 0; interval && i < layers.size(); ++i) layers[i].rope = (i + 1) % *interval != 0;
}

// The list may be longer than the trunk: the rest belongs to the prediction layers.
void plan_compression(Fields& fields, std::vector<LayerPlan>& layers) {
  const auto ratios = run_length_numbers(fields, "compress_ratios");
  const std::uint32_t hashed = fields.number32_or("num_hash_layers", 0);
  if (ratios.size() < layers.size()) require_length(fields, "compress_ratios", ratios.size(), layers.size());
  for (std::size_t i = 0; i < layers.size(); ++i) {
    if (layers[i].kind != LayerKind::compressed_attention)
      fields.fail("compress_ratios", fmt::format("layer {} is not compressed_attention", i));
    layers[i].compress_ratio = ratios[i];
    layers[i].hash_routing = i < hashed;
  }
}

}  // namespace

namespace {

std::string text_of(const json& item) { return item.is_string() ? item.get<std::string>() : item.dump(); }

// One item of a list: a value, or [value, how many], or [[values…], how many].
std::vector<std::string> values_of(Fields& fields, std::string_view key, const json& item) {
  if (!item.is_array()) return {text_of(item)};
  if (item.size() != 2 || item[0].is_object() || !item[1].is_number_unsigned())
    fields.fail(key, fmt::format("[value, how many] was expected, not {}", shown(item)));
  std::vector<std::string> values;
  const json sequence = item[0].is_array() ? item[0] : json::array({item[0]});
  for (const json& value : sequence) {
    if (value.is_structured())
      fields.fail(key, fmt::format("a list of values was expected, not {}", shown(item)));
    values.push_back(text_of(value));
  }
  return values;
}

std::uint64_t times_of(const json& item) { return item.is_array() ? item[1].get<std::uint64_t>() : 1; }

}  // namespace

std::vector<std::string> run_lengths(Fields& fields, std::string_view key) {
  const json& list = fields.raw(key);
  if (!list.is_array()) fields.fail(key, fmt::format("a list was expected, not {}", shown(list)));
  std::vector<std::string> result;
  for (const json& item : list) {
    const std::vector<std::string> values = values_of(fields, key, item);
    const std::uint64_t times = times_of(item);
    if (values.empty() || times == 0 || times > most_layers ||
        result.size() + times * values.size() > most_layers)
      fields.fail(key, fmt::format("{} layers are too few or too many", times));
    for (std::uint64_t i = 0; i < times; ++i) result.insert(result.end(), values.begin(), values.end());
  }
  return result;
}

std::vector<LayerPlan> read_layers(Fields& fields, std::uint32_t count) {
  if (count > most_layers) fields.fail("num_hidden_layers", fmt::format("{} layers are too many", count));
  std::vector<LayerPlan> layers(count);
  plan_kinds(fields, layers);
  plan_experts(fields, layers);
  if (fields.optional_text("wiring") == "single") plan_single_parts(layers);
  if (fields.has("block_configs")) plan_block_configs(fields, layers);
  if (is_list(fields, "intermediate_size")) plan_widths(fields, layers);
  plan_shared_caches(fields, layers);
  plan_rope(fields, layers);
  if (fields.has("compress_ratios")) plan_compression(fields, layers);
  return layers;
}

LayerPlan read_mtp_layer(Fields& fields, const std::vector<LayerPlan>& trunk, std::uint32_t index) {
  LayerPlan layer;
  layer.kind = kind_from_word(fields, "mtp_layer_type",
                              fields.optional_text("mtp_layer_type").value_or("full_attention"));
  const bool moe =
      std::any_of(trunk.begin(), trunk.end(), [](const LayerPlan& each) { return each.experts; });
  layer.experts = moe && !fields.flag_or("mtp_dense", false);
  if (fields.has("compress_ratios")) {
    const auto ratios = run_length_numbers(fields, "compress_ratios");
    // A list that ends with the trunk leaves the prediction layers uncompressed, as those are in the longer
    // ones.
    const std::size_t place = trunk.size() + index;
    layer.compress_ratio = place < ratios.size() ? ratios[place] : 0;
  }
  return layer;
}

}  // namespace vramcalc::catalog
