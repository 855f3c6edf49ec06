#include "catalog/architecture_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "catalog/fields.hpp"
#include "vramcalc/error.hpp"

namespace vramcalc::catalog {

using nlohmann::json;

void ArchitectureTable::add(const json& rows, const std::string& file) {
  if (!rows.is_object())
    throw Error(ErrorCode::bad_file, fmt::format("{}: architectures: an object was expected", file));
  for (const auto& [model_type, row] : rows.items()) {
    const Fields checks_that_it_is_an_object(row, file, "architectures: " + model_type);
    own_[model_type] = row.dump();
  }
}

std::string_view ArchitectureTable::row(std::string_view model_type) const {
  if (const auto own = own_.find(model_type); own != own_.end()) return own->second;
  const auto found = std::ranges::lower_bound(embedded_, model_type, {}, &ArchitectureRow::model_type);
  return found != embedded_.end() && found->model_type == model_type ? found->json : std::string_view();
}

std::string ArchitectureTable::all() const {
  std::map<std::string_view, std::string_view> rows(own_.begin(), own_.end());
  for (const ArchitectureRow& each : embedded_) rows.emplace(each.model_type, each.json);
  std::string text;
  for (const auto& [model_type, row] : rows)
    text += fmt::format("{}{}:{}", text.empty() ? "{" : ",", json(model_type).dump(), row);
  return text.empty() ? "{}" : text + "}";
}

json ArchitectureTable::rows_for(const json& entry) const {
  json rows = json::object();
  const auto config = entry.find("config");
  if (config == entry.end() || !config->is_object() || !config->contains("model_type")) return rows;
  const json& model_type = config->at("model_type");
  const std::string_view text =
      model_type.is_string() ? row(model_type.get<std::string>()) : std::string_view();
  if (!text.empty()) rows[model_type.get<std::string>()] = json::parse(text);  // already read strictly
  return rows;
}

}  // namespace vramcalc::catalog
