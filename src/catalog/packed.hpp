#pragma once

#include <bit>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "catalog/row_fields.hpp"
#include "catalog/text_store.hpp"

// The embedded tables are numbers beside one long text, without a pointer in them. As ordinary structs they
// held 20,000 pointers, each of which a program that may lie anywhere in memory has to correct when it
// starts: 0.35 ms, as much as all the rest of a start.
namespace vramcalc::catalog {

// How a row lies in a table: a text or a list as place and length, 64-bit numbers in two words, smaller ones
// in one.
struct PackedTable {
  const std::uint32_t* words = nullptr;
  const char* text = nullptr;
  std::uint32_t rows = 0;
};

// In the text that a list is packed as, this stands between its items.
inline constexpr char list_separator = '\n';

namespace packed {

struct Width {
  std::size_t words = 0;
  void operator()(std::string_view) { words += 2; }
  void operator()(std::span<const std::string_view>) { words += 2; }
  void operator()(double) { words += 2; }
  void operator()(std::uint64_t) { words += 2; }
  template <typename T>
  void operator()(T) {
    words += 1;
  }
};

template <typename Row>
std::size_t width() {
  Row row;
  Width width;
  visit_fields(row, width);
  return width.words;
}

class Unpack {
 public:
  Unpack(const std::uint32_t* words, const char* text, TextStore* lists)
      : words_(words), text_(text), lists_(lists) {}

  void operator()(std::string_view& value) {
    value = {text_ + words_[0], words_[1]};
    words_ += 2;
  }
  void operator()(std::span<const std::string_view>& value) {
    std::string_view joined;
    operator()(joined);
    value = lists_->split(joined, list_separator);
  }
  void operator()(std::uint64_t& value) {
    value = words_[0] | std::uint64_t{words_[1]} << 32;
    words_ += 2;
  }
  void operator()(double& value) {
    std::uint64_t bits = 0;
    operator()(bits);
    value = std::bit_cast<double>(bits);
  }
  template <typename T>
  void operator()(T& value) {
    value = static_cast<T>(*words_++);
  }

 private:
  const std::uint32_t* words_;
  const char* text_;
  TextStore* lists_;
};

}  // namespace packed

// `lists` keeps the lists of the row; null for rows that have none.
template <typename Row>
Row unpack(const PackedTable& table, std::size_t place, TextStore* lists = nullptr) {
  static const std::size_t width = packed::width<Row>();
  Row row;
  visit_fields(row, packed::Unpack(table.words + place * width, table.text, lists));
  return row;
}

template <typename Row>
std::vector<Row> unpack_all(const PackedTable& table) {
  std::vector<Row> rows;
  for (std::size_t place = 0; place < table.rows; ++place) rows.push_back(unpack<Row>(table, place));
  return rows;
}

// The row whose member `key` is `wanted`, in a table that is sorted by it.
template <typename Row>
std::optional<Row> find_sorted(const PackedTable& table, std::string_view wanted,
                               std::string_view Row::*key) {
  std::size_t from = 0, to = table.rows;
  while (from < to) {
    const std::size_t middle = from + (to - from) / 2;
    const Row row = unpack<Row>(table, middle);
    if (row.*key == wanted) return row;
    if (row.*key < wanted)
      from = middle + 1;
    else
      to = middle;
  }
  return std::nullopt;
}

}  // namespace vramcalc::catalog
