#include "catalog/checkpoint_format_rows.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "catalog/fields.hpp"
#include "catalog/packing.hpp"
#include "catalog/shape/parts.hpp"
#include "model/letters.hpp"

namespace vramcalc::catalog {
namespace {

using nlohmann::json;

std::string name_in(const json& entry, const char* key, std::string_view otherwise) {
  const bool named = entry.is_object() && entry.contains(key) && entry[key].is_string();
  return named ? entry[key].get<std::string>() : std::string(otherwise);
}

FormatWord read_word(const json& entry, const std::string& file, TextStore& store) {
  Fields fields(entry, file, name_in(entry, "word", "words"));
  FormatWord word;
  const std::string text = fields.text("word");
  if (text.empty() || text != lowered(text)) fields.fail("word", "must be in lower case");
  word.word = store.keep(text);
  word.family = store.keep(fields.text("family"));
  word.nearest = store.keep(fields.text("nearest"));
  word.what = store.keep(fields.text("what"));
  fields.finish();
  return word;
}

PackingEnd read_end(Fields& range, std::string_view key, TextStore& store) {
  Fields fields(range.raw(key), range.file(), fmt::format("{}: {}", range.entry(), key));
  PackingEnd end;
  end.name = store.keep(fields.text("name"));
  const std::optional<Packing> packing = read_packing(fields, "packing");
  if (end.name.empty() || !packing) fields.fail("packing", "missing, or without a name");
  end.packing = *packing;
  if (fields.has("without_experts")) end.without_experts = read_parts(fields, "without_experts");
  fields.finish();
  return end;
}

void read_range(Fields& fields, CheckpointFormatRow& row, TextStore& store) {
  const json* object = fields.optional_raw("range");
  if (object == nullptr) return;
  Fields range(*object, fields.file(), fields.entry() + ": range");
  row.least = read_end(range, "least", store);
  row.most = read_end(range, "most", store);
  range.finish();
}

void read_support(Fields& fields, CheckpointFormatRow& row, TextStore& store) {
  row.runtimes = store.keep(fields.texts("runtimes"));
  row.native_from = fields.number32_or("native_from", 0);
  row.weight_only_from = fields.number32_or("weight_only_from", 0);
  row.unsupported_from = fields.number32_or("unsupported_from", 0);
  row.native_gfx = store.keep(fields.texts_or_none("native_gfx"));
  row.weight_only_gfx = store.keep(fields.texts_or_none("weight_only_gfx"));
  row.weight_only_reason = store.keep(fields.optional_text("weight_only_reason").value_or(""));
  const bool weight_only = row.weight_only_from != 0 || !row.weight_only_gfx.empty();
  if (weight_only && row.weight_only_reason.empty()) fields.fail("weight_only_reason", "missing");
}

CheckpointFormatRow read_row(const json& entry, const std::string& file, TextStore& store) {
  Fields fields(entry, file, name_in(entry, "name", "formats"));
  CheckpointFormatRow row;
  row.name = store.keep(fields.text("name"));
  row.title = store.keep(fields.text("title"));
  row.families = store.keep(fields.texts_or_none("families"));
  row.aliases = store.keep(fields.texts_or_none("aliases"));
  row.details = store.keep(fields.texts_or_none("details"));
  row.nominal_bits = fields.real("nominal_bits");
  const std::optional<Packing> packing = read_packing(fields, "packing");
  if (!packing) fields.fail("packing", "missing");
  row.packing = *packing;
  read_range(fields, row, store);
  row.leaves = store.keep(fields.text("leaves"));
  read_support(fields, row, store);
  row.nearest = store.keep(fields.text("nearest"));
  row.source = store.keep(fields.text("source"));
  fields.finish();
  return row;
}

template <typename Row, typename Read>
std::vector<Row> read_list(Fields& fields, std::string_view key, TextStore& store, Read read) {
  std::vector<Row> rows;
  const json* list = fields.optional_raw(key);
  if (list == nullptr) return rows;
  if (!list->is_array()) fields.fail(key, "a list was expected");
  for (const json& entry : *list) rows.push_back(read(entry, fields.file(), store));
  return rows;
}

void refuse_repeated_names(Fields& fields, const std::vector<CheckpointFormatRow>& rows) {
  for (auto row = rows.begin(); row != rows.end(); ++row)
    if (std::find_if(rows.begin(), row, [&](const auto& other) { return other.name == row->name; }) != row)
      fields.fail("formats", fmt::format("the name \"{}\" is taken", row->name));
}

}  // namespace

CheckpointFormats read_checkpoint_formats(const json& document, const std::string& file, TextStore& store) {
  Fields fields(document, file, "checkpoint formats");
  fields.optional_text("$schema");
  CheckpointFormats formats;
  formats.words = read_list<FormatWord>(fields, "words", store, read_word);
  formats.rows = read_list<CheckpointFormatRow>(fields, "formats", store, read_row);
  refuse_repeated_names(fields, formats.rows);
  fields.finish();
  return formats;
}

}  // namespace vramcalc::catalog
