#pragma once

#include <cstddef>
#include <map>
#include <mutex>

#include "catalog/packed.hpp"

namespace vramcalc::catalog {

// The rows of a packed table, each unpacked on first use and then at a fixed address.
template <typename Row>
class UnpackedRows {
 public:
  explicit UnpackedRows(PackedTable table) : table_(table) {}

  // Thread-safe, since a const Catalog may be shared.
  const Row& row(std::size_t place) const {
    const std::lock_guard guard(unpacking_);
    const auto [row, is_new] = rows_.try_emplace(place);
    if (is_new) row->second = unpack<Row>(table_, place);
    return row->second;
  }

 private:
  PackedTable table_;
  mutable std::mutex unpacking_;
  mutable std::map<std::size_t, Row> rows_;
};

}  // namespace vramcalc::catalog
