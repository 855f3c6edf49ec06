#include "catalog/model.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "catalog/fields.hpp"
#include "catalog/packing.hpp"
#include "catalog/shape.hpp"
#include "catalog/shape/parts.hpp"
#include "model/letters.hpp"
#include "vramcalc/error.hpp"

namespace vramcalc::catalog {
namespace {

using nlohmann::json;

std::string id_of(const json& entry) {
  const bool named = entry.is_object() && entry.contains("id") && entry["id"].is_string();
  return named ? entry["id"].get<std::string>() : std::string("an entry without an id");
}

std::string text_or_empty(Fields& fields, std::string_view key) {
  return fields.optional_text(key).value_or("");
}

// An id is typed on command lines and compared ignoring case.
std::string read_id(Fields& fields) {
  const std::string id = fields.text("id");
  if (id.empty() || id.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789.-") != std::string::npos)
    fields.fail("id", fmt::format("\"{}\" must be of a-z, 0-9, dot and dash", id));
  return id;
}

// YYYY, YYYY-MM or YYYY-MM-DD.
std::string read_release_date(Fields& fields) {
  const std::string date = text_or_empty(fields, "release_date");
  constexpr std::string_view shape = "dddd-dd-dd";
  bool good = date.empty() || date.size() == 4 || date.size() == 7 || date.size() == 10;
  for (std::size_t i = 0; good && i < date.size(); ++i)
    good = shape[i] == '-' ? date[i] == '-' : is_digit(date[i]);
  if (!good) fields.fail("release_date", fmt::format("\"{}\" is not YYYY-MM-DD or a prefix of it", date));
  return date;
}

void read_counts(Fields& fields, Model& model) {
  model.published_parameters = fields.optional_number("published_parameters").value_or(0);
  model.published_rounded = fields.flag_or("published_rounded", false);
  model.published_source = text_or_empty(fields, "published_source");
  model.count_note = text_or_empty(fields, "count_note");
  if (model.published_parameters > 0 && model.published_source.empty())
    fields.fail("published_source", "missing: every figure needs a source");
}

void read_packed(Fields& fields, Model& model) {
  model.variant_of = text_or_empty(fields, "variant_of");
  if (model.variant_of.empty()) return;
  PackedCheckpoint packed;
  packed.format = text_or_empty(fields, "format");
  packed.scheme = fields.text("scheme");
  packed.stored_elements = fields.optional_number("stored_elements").value_or(0);
  if (packed.stored_elements > 0) packed.source = fields.text("stored_source");
  packed.stored_bytes = fields.optional_number("stored_bytes").value_or(0);
  if (packed.stored_bytes > 0) packed.bytes_source = fields.text("stored_bytes_source");
  packed.packing = read_packing(fields, "packing");
  model.packed = packed;
}

std::optional<PublishedFile> read_published_file(Fields& entry) {
  const json* object = entry.optional_raw("published_file");
  if (object == nullptr) return std::nullopt;
  Fields fields(*object, entry.file(), entry.entry() + ": published_file");
  const PublishedFile published{fields.text("name"), fields.text("file_type"), fields.text("source")};
  fields.finish();
  return published;
}

std::optional<OllamaFile> read_ollama_file(Fields& entry) {
  const json* object = entry.optional_raw("ollama_file");
  if (object == nullptr) return std::nullopt;
  Fields fields(*object, entry.file(), entry.entry() + ": ollama_file");
  const OllamaFile file{fields.text("file_type"), fields.number("bytes"), fields.text("source")};
  fields.finish();
  return file;
}

Model identity(Fields& fields) {
  Model model;
  model.id = read_id(fields);
  model.name = fields.text("name");
  model.publisher = fields.text("publisher");
  model.family = fields.text("family");
  model.license = text_or_empty(fields, "license");
  model.release_date = read_release_date(fields);
  model.hf_repo = text_or_empty(fields, "hf_repo");
  model.architecture_class = text_or_empty(fields, "architecture");
  model.modalities = fields.has("modalities") ? fields.texts("modalities") : std::vector<std::string>{"text"};
  model.aliases = fields.texts_or_none("aliases");
  model.source = fields.text("source");
  model.incomplete = text_or_empty(fields, "incomplete");
  read_counts(fields, model);
  read_packed(fields, model);
  model.native_format = text_or_empty(fields, "native_format");
  model.published_file = read_published_file(fields);
  model.ollama_file = read_ollama_file(fields);
  const json* config = fields.optional_raw("config");
  const bool shape_elsewhere = !model.incomplete.empty() || !model.variant_of.empty();
  if (shape_elsewhere == (config != nullptr))
    fields.fail("config", config ? "an incomplete entry or a variant has none" : "missing");
  fields.finish();
  return model;
}

void take_shape(Model& model, const Model& base) {
  if (!base.variant_of.empty())
    throw Error(ErrorCode::bad_file,
                fmt::format("{}: variant_of: {} is itself a variant", model.id, base.id));
  model.architecture = base.architecture;
  model.config_attention_heads = base.config_attention_heads;
  model.config_kv_heads = base.config_kv_heads;
}

// Sizes that no page publishes follow from the layout.
void count_packed(Model& model) {
  PackedCheckpoint& packed = model.packed.value();
  if (!packed.packing) return;
  const PackedSize size = packed_size(model.architecture, *packed.packing);
  if (packed.stored_elements == 0) {
    packed.stored_elements = size.elements;
    packed.source = "computed from the layout";
  }
  if (packed.stored_bytes == 0) {
    packed.stored_bytes = size.bytes.count();
    packed.bytes_source = "computed from the layout";
  }
}

std::uint32_t literal(const json& config, const json& architectures, const char* key) {
  const json& row = architectures.at(config.at("model_type").get<std::string>());
  const json value = config.contains(key) ? config.at(key) : row.value(key, json());
  return value.is_number_unsigned() ? value.get<std::uint32_t>() : 0;
}

}  // namespace

Model read_identity(const json& entry, const std::string& file) {
  Fields fields(entry, file, id_of(entry));
  return identity(fields);
}

Model read_model(const json& entry, const json& architectures, const std::string& file,
                 const BaseOf& base_of) {
  Model model = read_identity(entry, file);
  if (!model.incomplete.empty())
    throw Error(ErrorCode::unsupported,
                fmt::format("{} cannot be calculated: {}", model.id, model.incomplete));
  if (!model.variant_of.empty()) {
    take_shape(model, base_of(model.variant_of));
    count_packed(model);
    return model;
  }
  const json& config = entry.at("config");
  model.architecture = read_architecture(config, architectures, file, model.id);
  model.config_attention_heads = literal(config, architectures, "num_attention_heads");
  model.config_kv_heads = literal(config, architectures, "num_key_value_heads");
  return model;
}

}  // namespace vramcalc::catalog
