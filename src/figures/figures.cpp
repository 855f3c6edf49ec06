#include "vramcalc/figures.hpp"

#include <algorithm>

#include "figures/members.hpp"

namespace vramcalc {

const EmbeddedFigures::Entry* EmbeddedFigures::find(std::string_view id) const {
  const auto entry = std::ranges::lower_bound(entries_, id, {}, &Entry::model_id);
  return entry == entries_.end() || entry->model_id != id ? nullptr : &*entry;
}

std::optional<ModelFigures> EmbeddedFigures::of_model(std::string_view id,
                                                      std::span<const FileType> file_types) const {
  const Entry* entry = find(id);
  if (entry == nullptr) return std::nullopt;
  figures::Reader read(bytes_.data() + entry->model, file_types);
  const auto known = std::make_shared<Precomputed>();
  ModelFigures figures{{}, known};
  read(figures.parameters, *known);
  return figures;
}

std::optional<JudgedTables> EmbeddedFigures::of_hardware(std::string_view id,
                                                         std::span<const FileType> file_types) const {
  const Entry* entry = find(id);
  if (entry == nullptr || entry->hardware == 0) return std::nullopt;
  figures::Reader read(bytes_.data() + entry->hardware, file_types);
  JudgedTables tables;
  read(tables);
  return tables;
}

}  // namespace vramcalc
