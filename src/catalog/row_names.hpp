#pragma once

#include <vector>

#include "catalog/names.hpp"
#include "vramcalc/catalog.hpp"

namespace vramcalc::catalog {

// Every name by which a row can be asked for.
void append_names(const Gpu& gpu, std::uint32_t place, std::vector<Name>& names);
void append_names(const System& system, std::uint32_t place, std::vector<Name>& names);
void append_names(const ModelRow& model, std::uint32_t place, std::vector<Name>& names);

template <typename Row>
std::vector<OwnedNamedPlace> index_of(const std::vector<Row>& rows, const std::string& file) {
  std::vector<Name> names;
  std::vector<std::string> ids;
  for (const Row& row : rows) {
    append_names(row, static_cast<std::uint32_t>(ids.size()), names);
    ids.emplace_back(row.id);
  }
  return build_index(names, ids, file);
}

}  // namespace vramcalc::catalog
