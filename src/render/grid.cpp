#include "render/grid.hpp"

#include <algorithm>

namespace vramcalc::render {
namespace {

constexpr std::size_t gap = 2;
constexpr std::size_t shortest_name = 8;

std::size_t total(const std::vector<std::size_t>& widths, std::size_t indent) {
  std::size_t sum = indent;
  bool first = true;
  for (const std::size_t columns : widths) {
    if (columns == 0) continue;
    sum += columns + (first ? 0 : gap);
    first = false;
  }
  return sum;
}

}  // namespace

Grid::Grid(std::vector<Column> columns, std::size_t indent) : columns_(std::move(columns)), indent_(indent) {
  for (Column& column : columns_) column.title = printable(column.title);
}

void Grid::add_column(Column column, std::vector<Cell> cells) {
  column.title = printable(column.title);
  columns_.push_back(std::move(column));
  for (std::size_t i = 0; i < rows_.size(); ++i) rows_[i].cells.push_back(std::move(cells[i]));
}

std::vector<std::size_t> Grid::widths() const {
  std::vector<std::size_t> widths;
  for (const Column& column : columns_) widths.push_back(width(column.title));
  for (const Row& row : rows_) {
    for (std::size_t i = 0; i < row.cells.size(); ++i) widths[i] = std::max(widths[i], row.cells[i].columns);
  }
  return widths;
}

std::size_t Grid::natural_width() const { return total(widths(), indent_); }

std::size_t Grid::least_width() const {
  std::vector<std::size_t> kept = widths();
  for (std::size_t i = 0; i < kept.size(); ++i)
    if (columns_[i].drop != 0) kept[i] = 0;
  return total(kept, indent_);
}

std::vector<std::size_t> Grid::fitted(const Style& style) const {
  std::vector<std::size_t> result = widths();
  const std::size_t edge = static_cast<std::size_t>(style.columns);
  while (total(result, indent_) > edge) {
    std::size_t victim = columns_.size();
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      if (result[i] == 0 || columns_[i].drop == 0) continue;
      if (victim == columns_.size() || columns_[i].drop < columns_[victim].drop) victim = i;
    }
    if (victim == columns_.size()) break;
    result[victim] = 0;
  }
  while (total(result, indent_) > edge) {
    std::size_t victim = columns_.size();
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      if (columns_[i].kind != Column::Kind::name || result[i] <= shortest_name) continue;
      if (victim == columns_.size() || result[i] > result[victim]) victim = i;
    }
    if (victim == columns_.size()) break;
    --result[victim];
  }
  return result;
}

void Grid::write_line(std::string& out, const std::vector<Cell>& row, const std::vector<std::size_t>& widths,
                      const Style& style) const {
  out.append(indent_, ' ');
  std::size_t owed = 0;  // spaces before the next cell, kept back so that no line ends in them
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (widths[i] == 0) continue;
    const Cell& cell = row[i];
    const bool figure = columns_[i].kind == Column::Kind::figure;
    if (cell.columns == 0) {
      owed += widths[i] + gap;
      continue;
    }
    const bool too_wide = !figure && cell.columns > widths[i];
    const std::string shorter = too_wide ? cut(cell.text, widths[i], style) : std::string();
    const std::size_t taken = too_wide ? width(shorter) : cell.columns;
    const std::size_t rest = widths[i] - std::min(widths[i], taken);
    out.append(owed + (figure ? rest : 0), ' ');
    write_painted(out, too_wide ? shorter : cell.text, cell.ink, style);
    owed = gap + (figure ? 0 : rest);
  }
  out += '\n';
}

std::string Grid::text(const Style& style) const {
  const std::vector<std::size_t> widths = fitted(style);
  std::string out;
  std::vector<Cell> titles;
  bool titled = false;
  for (const Column& column : columns_) {
    titles.emplace_back(column.title, Ink::dim);
    titled = titled || !column.title.empty();
  }
  if (titled) write_line(out, titles, widths, style);
  for (const Row& row : rows_) {
    if (!row.cells.empty()) {
      write_line(out, row.cells, widths, style);
      continue;
    }
    out.append(indent_, ' ');
    write_painted(out, row.note.text, row.note.ink, style);
    out += '\n';
  }
  return out;
}

}  // namespace vramcalc::render
