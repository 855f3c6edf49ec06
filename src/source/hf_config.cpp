#include "source/hf_config.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <deque>

#include "catalog/names.hpp"
#include "catalog/shape.hpp"
#include "catalog/suggest.hpp"
#include "model/letters.hpp"
#include "model/printable.hpp"
#include "source/hf_fields.hpp"
#include "source/hf_harmless.hpp"
#include "source/hf_types.hpp"
#include "vramcalc/error.hpp"

namespace vramcalc::source {
namespace {

using nlohmann::json;

constexpr std::array<std::string_view, 5> parts{"text_config", "llm_config", "language_config",
                                                "language_model_config", "thinker_config"};

constexpr std::array<std::string_view, 3> quantizations{"quantization_config", "compression_config",
                                                        "quantization"};
bool is_quantization(std::string_view key) {
  return std::ranges::find(quantizations, key) != quantizations.end();
}

std::string type_in(const json& config) { return HfFields(config).text("model_type").value_or(""); }

const json* inner_part(const json& config) {
  for (std::string_view part : parts)
    if (const json* found = HfFields(config).find(part); found != nullptr && found->is_object()) return found;
  return nullptr;
}

const json& innermost(const json& config) {
  const json* inner = inner_part(config);
  return inner == nullptr ? config : innermost(*inner);
}

// "qwen3_5_moe_text" → "qwen3_5_moe"
std::string without_text(const std::string& type) {
  return type.ends_with("_text") ? type.substr(0, type.size() - 5) : type;
}

// A row that only has Llama's GGUF architecture belongs to a wrapper around any language model.
bool is_mere_wrapper(const json& row) {
  return row.size() == 1 && row.value("gguf_architecture", "") == "llama";
}

// A type that wraps a language model is named after it: "minimax_m3_vl" → "minimax_m3".
std::string without_wrapper(const std::string& type) {
  for (std::string_view ending : {"_vl", "_omni", "_mm", "_vision", "_audio", "_multimodal", "_unified"})
    if (type.ends_with(ending)) return type.substr(0, type.size() - ending.size());
  return type;
}

std::string without_digits(std::string text) {
  std::erase_if(text, is_digit);
  return text;
}

// "DeepseekV4ForCausalLM" and "deepseek_v4" alike → "deepseekv4"
std::string plain_letters(std::string_view name) {
  std::string letters;
  for (char c : name)
    if (c != '_' && c != '-') letters += lower(c);
  return letters;
}

// The type of the class that a config names, where its own model_type is an alias or missing.
std::vector<std::string> types_of_classes(const json& config, const json& architectures) {
  std::vector<std::string> types;
  for (const std::string& name : HfFields(config).texts("architectures")) {
    const std::size_t end =
        std::min({name.find("For"), name.find("LMHead"), name.find("Model"), name.size()});
    const std::string stem = plain_letters(std::string_view(name).substr(0, end));
    for (const auto& [type, row] : architectures.items())
      if (plain_letters(type) == stem) types.push_back(type);
  }
  return types;
}

std::vector<std::string> candidates(const json& config) {
  const std::string own = type_in(config);
  const json* inner = inner_part(config);
  std::vector<std::string> types{own, without_text(own)};
  if (inner != nullptr) {
    // Another version of the same family: the class uses its own (configuration_minimax_m3_vl.py).
    if (without_digits(without_wrapper(own)) == without_digits(without_text(type_in(*inner))))
      types.push_back(without_wrapper(own));
    for (const std::string& type : candidates(*inner)) types.push_back(type);
    if (type_in(*inner).empty()) types.push_back(without_wrapper(own));
  }
  for (std::size_t i = 0, count = types.size(); i < count; ++i)
    if (const std::string_view ours = usual_type(types[i]); !ours.empty()) types.emplace_back(ours);
  return types;
}

[[noreturn]] void fail_unknown(const std::string& type, const json& architectures, const std::string& file) {
  std::deque<std::string> keys, ids;
  std::vector<catalog::Candidate> known;
  for (const auto& [model_type, row] : architectures.items())
    known.push_back({keys.emplace_back(catalog::lookup_key(model_type)), ids.emplace_back(model_type)});
  if (const std::string_view gguf = gguf_name_elsewhere(type); !gguf.empty())
    throw Error(ErrorCode::unsupported,
                fmt::format("{}: model_type {} is not estimated yet, though llama.cpp 0.5.0 knows it as {} "
                            "(--as TYPE reads it as another type)",
                            file, in_quotes(type), gguf));
  std::vector<std::string> suggestions = catalog::suggest(type, known);
  const std::string nearest =
      suggestions.empty() ? "" : fmt::format("; the nearest are {}", fmt::join(suggestions, ", "));
  throw Error(ErrorCode::unsupported,
              fmt::format("{}: model_type {} is not known{} (--as TYPE reads it as another type)", file,
                          in_quotes(type), nearest),
              std::move(suggestions));
}

void require_object(const json& config, const std::string& file) {
  if (!config.is_object())
    throw Error(ErrorCode::bad_file,
                fmt::format("{}: an object was expected, not {}", file, config.type_name()));
}

// Objects around the language model's part are towers and their connectors, which do not affect it. An object
// of another name may be part of the language model itself.
std::vector<std::string> unknown_parts(const json& config) {
  const json* inner = inner_part(config);
  if (inner == nullptr) return {};
  std::vector<std::string> unknown = unknown_parts(*inner);
  for (const auto& [key, value] : config.items())
    if (value.is_object() && &value != inner && !is_quantization(key) && other_part(key).empty() &&
        !is_harmless(key, value))
      unknown.push_back(key);
  return unknown;
}

// Layers and experts are found in a config that its class has completed.
json completed(const json& config, const std::string& model_type) {
  const json* inner = inner_part(config);
  json whole = inner == nullptr ? json::object() : inner_defaults(without_text(type_in(innermost(config))));
  whole.update(class_defaults(model_type));
  json said = language_part(config);
  for (auto each = said.begin(); each != said.end(); ++each)
    if (!each->is_null()) whole[each.key()] = std::move(*each);
  return whole;
}

// If experts are counted but no layer has any, the layers were misread.
void require_used_experts(const json& fields, const Architecture& model, const std::string& subject) {
  const std::uint64_t experts = HfFields(fields).number("num_experts").value_or(0);
  const auto has_experts = [](const Block& block) {
    return std::holds_alternative<MixtureOfExperts>(block.feed_forward);
  };
  if (experts > 1 && std::ranges::none_of(model.blocks, has_experts))
    throw Error(ErrorCode::bad_file,
                fmt::format("{}: num_experts: {}, but no layer has experts", subject, experts));
}

}  // namespace

json language_part(const json& config) {
  const json* inner = inner_part(config);
  if (inner == nullptr) return config;
  json merged = language_part(*inner);
  for (const auto& [key, value] : config.items())
    if (!merged.contains(key) && !value.is_object()) merged[key] = value;
  for (std::string_view key : quantizations)
    if (config.contains(key)) merged[std::string(key)] = config.at(key);
  return merged;
}

std::string model_type_of(const json& config, const json& architectures, const std::string& file,
                          const std::optional<std::string>& as) {
  require_object(config, file);
  const std::string said = as.value_or(type_in(config));
  if (as) return architectures.contains(said) ? said : (fail_unknown(said, architectures, file), said);
  const std::vector<std::string> by_class = types_of_classes(config, architectures);
  if (said.empty() && inner_part(config) == nullptr && by_class.empty())
    throw Error(ErrorCode::bad_file,
                fmt::format("{}: model_type: missing; is it the config of a language model?", file));
  std::vector<std::string> types = candidates(config);
  types.insert(types.end(), by_class.begin(), by_class.end());
  // A class may name a later version than the type does (Ling 2.0: bailing_moe, BailingMoeV2ForCausalLM).
  if (!by_class.empty() && !said.empty() && by_class.front().starts_with(said + "_v"))
    types.insert(types.begin(), by_class.front());
  std::string wrapper;
  for (const std::string& type : types) {
    if (!architectures.contains(type)) continue;
    if (!is_mere_wrapper(architectures.at(type)) || inner_part(config) == nullptr) return type;
    if (wrapper.empty()) wrapper = type;
  }
  if (wrapper.empty()) fail_unknown(said, architectures, file);
  return wrapper;
}

std::string note_on_type(const json& config, const std::string& model_type) {
  const std::vector<std::string> types = candidates(config);
  const std::vector<std::string> classes = HfFields(config).texts("architectures");
  if (std::ranges::find(types, model_type) != types.end() || classes.empty()) return {};
  return fmt::format("model_type {} is read as {}, because of its class {}", in_quotes(type_in(config)),
                     model_type, printable(classes.front(), 80));
}

json catalog_fields(const json& config, const std::string& model_type, const json& row,
                    UnderstoodKeys& understood) {
  const json whole = completed(config, model_type);
  json out = whole;
  out["model_type"] = model_type;
  const HfFields in(whole, &understood);
  translate_spellings(in, out);
  translate_layers(in, row, out);
  translate_experts(in, out);
  translate_recurrent(in, out);
  translate_layout(in, row, out);
  return out;
}

Architecture read_hf_config(const json& config, const json& architectures, const std::string& file,
                            const ConfigReading& reading) {
  const std::string model_type = model_type_of(config, architectures, file, reading.as);
  const std::string subject = "model_type " + model_type;
  const json& row = architectures.at(model_type);
  UnderstoodKeys understood;
  const json fields = catalog_fields(config, model_type, row, understood);
  std::vector<std::string> unused;
  const Architecture model = catalog::read_architecture(fields,
                                                        json{
                                                            {model_type, row}
  },
                                                        file, subject, unused);
  require_used_experts(fields, model, fmt::format("{}: {}", file, subject));
  for (const auto& [key, value] : fields.items())  // in the same order as those of `unused`
    if (!std::ranges::binary_search(unused, key)) understood.add(key);
  std::vector<std::string> unknown = not_understood(innermost(config), understood);
  for (std::string& key : unknown_parts(config)) unknown.push_back(std::move(key));
  refuse_not_understood(unknown, understood, fmt::format("{}: {}", file, subject), reading.ignored,
                        "the shape of the model");
  return model;
}

}  // namespace vramcalc::source
