#pragma once

#include <algorithm>
#include <deque>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/row_names.hpp"
#include "catalog/suggest.hpp"

namespace vramcalc::catalog {

// The rows of one kind: the embedded ones and the user's, which take precedence.
template <typename Row>
class Table {
 public:
  Table(std::span<const Row> embedded, std::span<const NamedPlace> names)
      : embedded_(embedded), names_(names) {}

  const Row* find(std::string_view key) const {
    if (const auto own = own_names_.find(key); own != own_names_.end()) return own->second;
    const auto name = std::ranges::lower_bound(names_, key, {}, &NamedPlace::key);
    return name != names_.end() && name->key == key ? &current(name->place) : nullptr;
  }

  // The user's rows come after the embedded ones, except those that replace one.
  std::vector<const Row*> rows() const {
    std::vector<const Row*> all;
    for (std::size_t place = 0; place < embedded_.size(); ++place) all.push_back(&current(place));
    for (const auto& [id, row] : own_)
      if (std::ranges::find(embedded_, id, &Row::id) == embedded_.end()) all.push_back(row);
    return all;
  }

  // A row with the id of an earlier one replaces it; the earlier names stay valid.
  void add(const std::vector<Row>& rows, const std::string& file) {
    const std::vector<OwnedNamedPlace> index = index_of(rows, file);
    std::vector<const Row*> kept;
    for (const Row& row : rows) kept.push_back(&store_.emplace_back(row));
    for (const Row* row : kept) own_[row->id] = row;
    for (const OwnedNamedPlace& name : index) own_names_[name.key] = kept[name.place];
  }

  std::vector<Candidate> candidates() const {
    std::vector<Candidate> all;
    for (const NamedPlace& name : names_)
      all.push_back(candidate(std::string(name.key), current(name.place)));
    for (const auto& [key, row] : own_names_) all.push_back(candidate(key, *row));
    return all;
  }

 private:
  const Row& current(std::size_t place) const {
    const Row& row = embedded_[place];
    const auto own = own_.empty() ? own_.end() : own_.find(row.id);
    return own == own_.end() ? row : *own->second;
  }

  static Candidate candidate(std::string key, const Row& row) {
    if constexpr (requires { row.prominence; }) return {std::move(key), row.id, row.prominence};
    return {std::move(key), row.id, 0};
  }

  std::span<const Row> embedded_;
  std::span<const NamedPlace> names_;

  std::deque<Row> store_;
  std::map<std::string_view, const Row*> own_;                // by id
  std::map<std::string, const Row*, std::less<>> own_names_;  // by key
};

}  // namespace vramcalc::catalog
