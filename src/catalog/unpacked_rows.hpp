#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <type_traits>
#include <vector>

#include "catalog/packed.hpp"

namespace vramcalc::catalog {

// The rows of a packed table, each unpacked when it is first asked for; it stays where it is from then on.
// Memory that no row is unpacked to is never touched.
template <typename Row>
class UnpackedRows {
 public:
  explicit UnpackedRows(PackedTable table) : table_(table) {}

  // From several threads, if need be: a const Catalog may be shared.
  const Row& row(std::size_t place) const {
    const std::lock_guard guard(unpacking_);
    if (memory_ == nullptr) {
      memory_.reset(new std::byte[table_.rows * sizeof(Row)]);
      is_unpacked_.resize(table_.rows);
    }
    Row* row = reinterpret_cast<Row*>(memory_.get()) + place;
    if (!is_unpacked_[place]) std::construct_at(row, unpack<Row>(table_, place));
    is_unpacked_[place] = true;
    return *row;
  }

 private:
  static_assert(std::is_trivially_destructible_v<Row> && alignof(Row) <= __STDCPP_DEFAULT_NEW_ALIGNMENT__);

  PackedTable table_;
  mutable std::mutex unpacking_;
  mutable std::unique_ptr<std::byte[]> memory_;
  mutable std::vector<bool> is_unpacked_;
};

}  // namespace vramcalc::catalog
