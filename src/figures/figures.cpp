#include "vramcalc/figures.hpp"

#include <algorithm>

#include "figures/members.hpp"

namespace vramcalc {

namespace {

using Entry = EmbeddedFigures::Entry;

const Entry* find(std::span<const Entry> entries, std::string_view id) {
  const auto entry = std::ranges::lower_bound(entries, id, {}, &Entry::model_id);
  return entry == entries.end() || entry->model_id != id ? nullptr : &*entry;
}

}  // namespace

std::optional<ModelFigures> EmbeddedFigures::of_model(std::string_view id,
                                                      std::span<const FileType> file_types) const {
  const Entry* entry = find(models_, id);
  if (entry == nullptr) return std::nullopt;
  figures::Reader read(bytes_.data() + entry->start, file_types);
  const auto known = std::make_shared<Precomputed>();
  ModelFigures figures{{}, known};
  read(figures.parameters, *known);
  return figures;
}

std::optional<JudgedTables> EmbeddedFigures::of_hardware(std::string_view id, std::string_view runtime_id,
                                                         std::span<const FileType> file_types) const {
  const auto hardware = std::ranges::find(hardware_, runtime_id, &Hardware::runtime_id);
  const Entry* entry = hardware == hardware_.end() ? nullptr : find(hardware->entries, id);
  if (entry == nullptr) return std::nullopt;
  figures::Reader read(bytes_.data() + entry->start, file_types);
  JudgedTables tables;
  read(tables);
  return tables;
}

}  // namespace vramcalc
