#pragma once

#include <deque>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/row_names.hpp"
#include "catalog/suggest.hpp"
#include "catalog/unpacked_rows.hpp"

namespace vramcalc::catalog {

// The rows of one kind: the embedded ones and the user's, which take precedence. Embedded rows are unpacked
// on first use and then keep their address.
template <typename Row>
class Table {
 public:
  Table(PackedTable embedded, PackedTable names) : embedded_(embedded), names_(names), unpacked_(embedded) {}

  const Row* find(std::string_view key) const {
    if (const auto own = own_names_.find(key); own != own_names_.end()) return own->second;
    const auto name = find_sorted(names_, &NamedPlace::key, key);
    return name ? &current(unpack<NamedPlace>(names_, *name).place) : nullptr;
  }

  // The user's rows come after the embedded ones, except those that replace one.
  std::vector<const Row*> rows() const {
    std::vector<const Row*> all;
    std::set<std::string_view> stands_in;
    for (std::size_t place = 0; place < embedded_.rows; ++place) {
      all.push_back(&current(place));
      if (!own_.empty()) stands_in.insert(all.back()->id);
    }
    for (const auto& [id, row] : own_)
      if (!stands_in.contains(id)) all.push_back(row);
    return all;
  }

  // The same rows one by one without keeping them unpacked, to look at all of them.
  std::size_t size() const { return embedded_.rows + beside_.size(); }
  Row at(std::size_t place) const {
    if (place >= embedded_.rows) return *beside_[place - embedded_.rows];
    const Row row = unpack<Row>(embedded_, place);
    const auto own = own_.empty() ? own_.end() : own_.find(row.id);
    return own == own_.end() ? row : *own->second;
  }

  // The rows whose `member` is `wanted`, by an index of the embedded ones.
  std::vector<const Row*> rows_with(const PackedTable& index, std::string_view Row::*member,
                                    std::string_view wanted) const {
    std::vector<const Row*> found;
    for (std::size_t at = lower_bound(index, &NamedPlace::key, wanted); at < index.rows; ++at) {
      const auto [key, place] = unpack<NamedPlace>(index, at);
      if (key != wanted) break;
      if (&current(place) == &unpacked_.row(place)) found.push_back(&current(place));
    }
    for (const auto& [id, row] : own_)
      if (row->*member == wanted) found.push_back(row);
    return found;
  }

  // A row with the id of an earlier one replaces it; the earlier names stay valid.
  void add(const std::vector<Row>& rows, const std::string& file) {
    const std::vector<OwnedNamedPlace> index = index_of(rows, file);
    std::vector<const Row*> kept;
    for (const Row& row : rows) kept.push_back(&store_.emplace_back(row));
    for (const Row* row : kept) own_[row->id] = row;
    for (const OwnedNamedPlace& name : index) own_names_[name.key] = kept[name.place];
    find_those_beside();
  }

  std::vector<Candidate> candidates() const {
    std::vector<Candidate> all;
    for (const NamedPlace& name : unpack_all<NamedPlace>(names_))
      all.push_back(candidate(std::string(name.key), current(name.place)));
    for (const auto& [key, row] : own_names_) all.push_back(candidate(key, *row));
    return all;
  }

 private:
  const Row& current(std::size_t place) const {
    const Row& row = unpacked_.row(place);
    const auto own = own_.empty() ? own_.end() : own_.find(row.id);
    return own == own_.end() ? row : *own->second;
  }

  void find_those_beside() {
    std::set<std::string_view> embedded;
    const Column<Row> ids(embedded_, &Row::id);
    for (std::size_t place = 0; place < embedded_.rows; ++place) embedded.insert(ids[place]);
    beside_.clear();
    for (const auto& [id, row] : own_)
      if (!embedded.contains(id)) beside_.push_back(row);
  }

  static Candidate candidate(std::string key, const Row& row) {
    if constexpr (requires { row.prominence; }) return {std::move(key), row.id, row.prominence};
    return {std::move(key), row.id, 0};
  }

  PackedTable embedded_;
  PackedTable names_;
  UnpackedRows<Row> unpacked_;

  std::deque<Row> store_;
  std::map<std::string_view, const Row*> own_;                // by id
  std::vector<const Row*> beside_;                            // those that replace no embedded row
  std::map<std::string, const Row*, std::less<>> own_names_;  // by key
};

}  // namespace vramcalc::catalog
