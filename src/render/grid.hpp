#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "model/printable.hpp"
#include "render/text.hpp"

namespace vramcalc::render {

// A column of a table. On a narrow terminal columns are dropped in the order of `drop` (1 first, 0 never);
// then names are cut, the widest first. Figures are never cut.
struct Column {
  enum class Kind { figure, name };
  std::string title;
  Kind kind = Kind::name;
  int drop = 0;
};

// Text of one line without colour of its own.
struct Cell {
  Cell(std::string content, Ink colour = Ink::plain)  // NOLINT: reads as text
      : text(is_printable(content) ? std::move(content) : printable(content)),
        ink(colour),
        columns(width(text)) {}
  Cell(const char* content = "") : text(content), columns(width(text)) {}  // NOLINT: our own words
  std::string text;
  Ink ink = Ink::plain;
  std::size_t columns;  // that the text takes
};

class Grid {
 public:
  explicit Grid(std::vector<Column> columns, std::size_t indent = 2);

  void add(std::vector<Cell> row) { rows_.push_back({std::move(row), {}}); }
  void add_note(Cell note) { rows_.push_back({{}, std::move(note)}); }  // across the columns
  void add_column(Column column, std::vector<Cell> cells);              // one cell a row

  bool empty() const { return rows_.empty(); }
  std::size_t natural_width() const;
  std::size_t least_width() const;  // with every column dropped that may be, and no name cut
  std::string text(const Style& style) const;

 private:
  struct Row {
    std::vector<Cell> cells;  // none: a note
    Cell note;
  };

  std::vector<std::size_t> widths() const;
  std::vector<std::size_t> fitted(const Style& style) const;  // width 0: dropped
  void write_line(std::string& out, const std::vector<Cell>& row, const std::vector<std::size_t>& widths,
                  const Style& style) const;

  std::vector<Column> columns_;
  std::vector<Row> rows_;
  std::size_t indent_;
};

}  // namespace vramcalc::render
