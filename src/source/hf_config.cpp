#include "source/hf_config.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <deque>

#include "catalog/names.hpp"
#include "catalog/shape.hpp"
#include "catalog/suggest.hpp"
#include "model/printable.hpp"
#include "source/hf_fields.hpp"
#include "vramcalc/error.hpp"

namespace vramcalc::source {
namespace {

using nlohmann::json;

constexpr std::array<std::string_view, 5> parts{"text_config", "llm_config", "language_config",
                                                "language_model_config", "thinker_config"};

std::string type_in(const json& config) { return HfFields(config).text("model_type").value_or(""); }

const json* inner_part(const json& config) {
  for (std::string_view part : parts)
    if (const json* found = HfFields(config).find(part); found != nullptr && found->is_object()) return found;
  return nullptr;
}

std::string innermost_type(const json& config) {
  const json* inner = inner_part(config);
  return inner == nullptr ? type_in(config) : innermost_type(*inner);
}

// "qwen3_5_moe_text" → "qwen3_5_moe"
std::string without_text(const std::string& type) {
  return type.ends_with("_text") ? type.substr(0, type.size() - 5) : type;
}

// A row that says no more than how Llama is written stands for a wrapper around any language model.
bool is_mere_wrapper(const json& row) {
  return row.size() == 1 && row.value("gguf_architecture", "") == "llama";
}

struct OtherName {
  std::string_view theirs, ours;
};
constexpr std::array other_names{
    OtherName{"chatglm",         "glm"            },
    OtherName{"step3p7",         "step3p5"        },
    OtherName{"step3p5_moe",     "step3p5"        },
    OtherName{"minimax_m1",      "minimax_text_01"},
    OtherName{"deepseek_vl_v2",  "deepseek_v2"    },
    OtherName{"RefinedWeb",      "falcon"         },
    OtherName{"RefinedWebModel", "falcon"         },
    OtherName{"hunyuan",         "hunyuan_v1_moe" },
    OtherName{"stablelm_epoch",  "stablelm"       },
    OtherName{"gemma4_unified",  "gemma4"         },
    OtherName{"mistral-nemo",    "mistral"        },
};

std::vector<std::string> candidates(const json& config) {
  std::vector<std::string> types{type_in(config), without_text(type_in(config))};
  if (const json* inner = inner_part(config)) {
    for (const std::string& type : candidates(*inner)) types.push_back(type);
  }
  for (std::size_t i = 0, count = types.size(); i < count; ++i)
    for (const OtherName& each : other_names)
      if (each.theirs == types[i]) types.emplace_back(each.ours);
  return types;
}

[[noreturn]] void fail_unknown(const std::string& type, const json& architectures, const std::string& file) {
  std::deque<std::string> keys, ids;
  std::vector<catalog::Candidate> known;
  for (const auto& [model_type, row] : architectures.items())
    known.push_back({keys.emplace_back(catalog::lookup_key(model_type)), ids.emplace_back(model_type)});
  std::vector<std::string> suggestions = catalog::suggest(type, known);
  const std::string nearest =
      suggestions.empty() ? "" : fmt::format("; near to it are {}", fmt::join(suggestions, ", "));
  throw Error(ErrorCode::unsupported,
              fmt::format("{}: model_type {} is not known{} (--as TYPE treats it as one)", file,
                          in_quotes(type), nearest),
              std::move(suggestions));
}

void require_object(const json& config, const std::string& file) {
  if (!config.is_object())
    throw Error(ErrorCode::bad_file,
                fmt::format("{}: an object was expected, not {}", file, config.type_name()));
}

// Layers and experts are found in a config that its class has completed.
json completed(const json& config, const std::string& model_type) {
  const json* inner = inner_part(config);
  json whole = inner == nullptr ? json::object() : inner_defaults(without_text(innermost_type(*inner)));
  whole.update(class_defaults(model_type));
  const json said = language_part(config);
  for (const auto& [key, value] : said.items())
    if (!value.is_null()) whole[key] = value;
  return whole;
}

}  // namespace

json language_part(const json& config) {
  const json* inner = inner_part(config);
  if (inner == nullptr) return config;
  json merged = language_part(*inner);
  for (const auto& [key, value] : config.items())
    if (!merged.contains(key) && !value.is_object()) merged[key] = value;
  for (const char* key : {"quantization_config", "quantization"})
    if (config.contains(key)) merged[key] = config[key];
  return merged;
}

std::string model_type_of(const json& config, const json& architectures, const std::string& file,
                          const std::optional<std::string>& as) {
  require_object(config, file);
  const std::string said = as.value_or(type_in(config));
  if (as) return architectures.contains(said) ? said : (fail_unknown(said, architectures, file), said);
  if (said.empty() && inner_part(config) == nullptr)
    throw Error(ErrorCode::bad_file,
                fmt::format("{}: model_type: missing; is it the config of a language model?", file));
  std::string wrapper;
  for (const std::string& type : candidates(config)) {
    if (!architectures.contains(type)) continue;
    if (!is_mere_wrapper(architectures.at(type)) || inner_part(config) == nullptr) return type;
    if (wrapper.empty()) wrapper = type;
  }
  if (wrapper.empty()) fail_unknown(said, architectures, file);
  return wrapper;
}

json catalog_fields(const json& config, const std::string& model_type, const json& row) {
  const json whole = completed(config, model_type);
  json out = whole;
  out["model_type"] = model_type;
  const HfFields in(whole);
  translate_spellings(in, out);
  translate_layers(in, row, out);
  translate_experts(in, out);
  translate_recurrent(in, out);
  translate_layout(in, row, out);
  return out;
}

Architecture read_hf_config(const json& config, const json& architectures, const std::string& file,
                            const std::optional<std::string>& as) {
  const std::string model_type = model_type_of(config, architectures, file, as);
  const json& row = architectures.at(model_type);
  const json fields = catalog_fields(config, model_type, row);
  return catalog::read_architecture(fields,
                                    json{
                                        {model_type, row}
  },
                                    file, "model_type " + model_type, catalog::UnknownFields::ignored);
}

}  // namespace vramcalc::source
