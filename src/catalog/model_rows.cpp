#include "catalog/model_rows.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <set>

#include "catalog/entry.hpp"
#include "catalog/model.hpp"
#include "vramcalc/error.hpp"

namespace vramcalc::catalog {
namespace {

using nlohmann::json;

ModelRow row_of(const Model& model, TextStore& store) {
  ModelRow row;
  row.id = store.keep(model.id);
  row.name = store.keep(model.name);
  row.publisher = store.keep(model.publisher);
  row.family = store.keep(model.family);
  row.license = store.keep(model.license);
  row.release_date = store.keep(model.release_date);
  row.hf_repo = store.keep(model.hf_repo);
  row.architecture_class = store.keep(model.architecture_class);
  row.variant_of = store.keep(model.variant_of);
  row.modalities = store.keep(model.modalities);
  row.aliases = store.keep(model.aliases);
  row.incomplete = store.keep(model.incomplete);
  row.parameters = model.published_parameters;
  return row;
}

// All that a token may use, plus the towers; without duplicates and layers that only predict ahead.
void take_counts(const Model& model, TextStore& store, ModelRow& row) {
  const Parameters parameters = parameters_of(model.architecture);
  row.parameters = checked_add(parameters.trunk, parameters.towers);
  row.active_parameters = parameters.active;
  row.context_length = model.architecture.context_length;
  row.model_type = store.keep(model.architecture.model_type);
}

// A shape may be valid in every field and still overflow as a product.
void take_shape(const json& entry, const std::string& file, const ReadModel& read, TextStore& store,
                ModelRow& row) {
  try {
    take_counts(read(entry), store, row);
  } catch (const Error& failure) {
    if (failure.code() != ErrorCode::overflow) throw;
    throw Error(ErrorCode::bad_file, fmt::format("{}: {}: its parameters are beyond 64 bits", file, row.id));
  }
}

}  // namespace

std::vector<ModelRow> read_model_rows(const json& list, const std::string& file, const ReadModel& read,
                                      TextStore& store) {
  if (!list.is_array())
    throw Error(ErrorCode::bad_file, fmt::format("{}: models: a list was expected", file));
  std::vector<ModelRow> rows;
  std::set<std::string_view> ids;
  for (const json& entry : list) {
    ModelRow row = row_of(read_identity(entry, file), store);
    if (row.incomplete.empty()) take_shape(entry, file, read, store, row);
    row.json = store.keep(entry.dump());
    row.file = store.keep(file);
    if (!ids.insert(row.id).second)
      throw Error(ErrorCode::bad_file, fmt::format("{}: {}: id: appears twice", file, row.id));
    rows.push_back(row);
  }
  return rows;
}

const json* find_entry(const json& list, std::string_view id) {
  if (!list.is_array()) return nullptr;
  for (const json& entry : list)
    if (entry.is_object() && entry.contains("id") && entry["id"] == id) return &entry;
  return nullptr;
}

}  // namespace vramcalc::catalog
