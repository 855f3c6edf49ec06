#include "catalog/row_names.hpp"

namespace vramcalc::catalog {
namespace {

template <typename Row>
void append_common(const Row& row, std::uint32_t place, std::vector<Name>& names) {
  names.push_back({std::string(row.id), NameKind::id, place});
  for (const std::string_view alias : row.aliases)
    names.push_back({std::string(alias), NameKind::alias, place});
  names.push_back({std::string(row.name), NameKind::title, place});
}

// "NVIDIA GeForce RTX 4090" is "GeForce RTX 4090" too.
template <typename Row>
void append_without_vendor(const Row& row, std::uint32_t place, std::vector<Name>& names) {
  if (row.name.starts_with(row.vendor) && row.name.size() > row.vendor.size() + 1)
    names.push_back({std::string(row.name.substr(row.vendor.size() + 1)), NameKind::title, place});
}

}  // namespace

void append_names(const Gpu& gpu, std::uint32_t place, std::vector<Name>& names) {
  append_common(gpu, place, names);
  append_without_vendor(gpu, place, names);
}

void append_names(const System& system, std::uint32_t place, std::vector<Name>& names) {
  append_common(system, place, names);
  append_without_vendor(system, place, names);
}

// A repository belongs to one model; the part after its slash may be another publisher's name as well.
void append_names(const ModelRow& model, std::uint32_t place, std::vector<Name>& names) {
  append_common(model, place, names);
  if (model.hf_repo.empty()) return;
  names.push_back({std::string(model.hf_repo), NameKind::title, place});
  names.push_back({std::string(model.hf_repo.substr(model.hf_repo.find('/') + 1)), NameKind::title, place});
}

}  // namespace vramcalc::catalog
