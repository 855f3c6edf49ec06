#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <string_view>

#include "catalog/architecture_row.hpp"

namespace vramcalc::catalog {

// The fields shared by all models of a model_type: the embedded rows, and the user's, which replace them.
class ArchitectureTable {
 public:
  // `embedded` is sorted by model_type.
  explicit ArchitectureTable(std::span<const ArchitectureRow> embedded) : embedded_(embedded) {}

  // An object: model_type → row.
  void add(const nlohmann::json& rows, const std::string& file);

  // The JSON of the row of a model_type; empty where there is none.
  std::string_view row(std::string_view model_type) const;

  // All rows, with the user's in place of the embedded ones: model_type → row, as JSON text.
  std::string all() const;

  // The part of data/architectures.json that a model's entry needs: its own row, when there is one.
  nlohmann::json rows_for(const nlohmann::json& entry) const;

 private:
  std::span<const ArchitectureRow> embedded_;
  std::map<std::string, std::string, std::less<>> own_;
};

}  // namespace vramcalc::catalog
