#pragma once

#include <bit>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "catalog/row_fields.hpp"
#include "vramcalc/text_list.hpp"

// The embedded tables are numbers and one long text, without pointers. As ordinary structs they had 20,000
// pointers, which a position-independent program must relocate at start-up: 0.35 ms, as much as the rest of
// the start.
namespace vramcalc::catalog {

// The layout of a row in a table: a text or list as place and length, 64-bit numbers in two words, smaller
// ones in one.
struct PackedTable {
  const std::uint32_t* words = nullptr;
  const char* text = nullptr;
  std::uint32_t rows = 0;
};

namespace packed {

struct Width {
  std::size_t words = 0;
  void operator()(std::string_view) { words += 2; }
  void operator()(TextList) { words += 2; }
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

// Words before a text of a row.
template <typename Row>
std::size_t offset(std::string_view Row::*member) {
  Row row;
  Width before;
  std::size_t found = 0;
  visit_fields(row, [&](auto& field) {
    if (static_cast<const void*>(&field) == &(row.*member)) found = before.words;
    before(field);
  });
  return found;
}

class Unpack {
 public:
  Unpack(const std::uint32_t* words, const char* text) : words_(words), text_(text) {}

  void operator()(std::string_view& value) {
    value = {text_ + words_[0], words_[1]};
    words_ += 2;
  }
  void operator()(TextList& value) {
    std::string_view lines;
    operator()(lines);
    value = TextList(lines);
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
};

}  // namespace packed

template <typename Row>
Row unpack(const PackedTable& table, std::size_t place) {
  Row row;
  visit_fields(row, packed::Unpack(table.words + place * packed::width<Row>(), table.text));
  return row;
}

template <typename Row>
std::vector<Row> unpack_all(const PackedTable& table) {
  std::vector<Row> rows;
  rows.reserve(table.rows);
  for (std::size_t place = 0; place < table.rows; ++place) rows.push_back(unpack<Row>(table, place));
  return rows;
}

// One text of every row, without unpacking the rest.
template <typename Row>
class Column {
 public:
  Column(const PackedTable& table, std::string_view Row::*member)
      : words_(table.words + packed::offset(member)), text_(table.text), width_(packed::width<Row>()) {}

  std::string_view operator[](std::size_t place) const {
    const std::uint32_t* at = words_ + place * width_;
    return {text_ + at[0], at[1]};
  }

 private:
  const std::uint32_t* words_;
  const char* text_;
  std::size_t width_;
};

// The first place whose member is not before `wanted`, in a table sorted by that member.
template <typename Row>
std::size_t lower_bound(const PackedTable& table, std::string_view Row::*member, std::string_view wanted) {
  const Column<Row> column(table, member);
  std::size_t from = 0, to = table.rows;
  while (from < to) {
    const std::size_t middle = from + (to - from) / 2;
    if (column[middle] < wanted)
      from = middle + 1;
    else
      to = middle;
  }
  return from;
}

// The place of the row whose member is `wanted`.
template <typename Row>
std::optional<std::size_t> find_sorted(const PackedTable& table, std::string_view Row::*member,
                                       std::string_view wanted) {
  const std::size_t place = lower_bound(table, member, wanted);
  if (place == table.rows || Column<Row>(table, member)[place] != wanted) return std::nullopt;
  return place;
}

}  // namespace vramcalc::catalog
