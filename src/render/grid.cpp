#include "render/grid.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <deque>
#include <span>
#include <utility>

#include "render/text.hpp"

namespace vramcalc::render {
namespace {

using Kind = Column::Kind;

constexpr std::size_t shortest_name = 8;
constexpr std::size_t narrowest_bar = 8, widest_bar = 24, wide_bar = 20, widest_chart = 60;
constexpr std::size_t room_for_names = 72, room_for_sentences = 170;  // narrower terminals get brief texts

bool is_figure(const Column& column) { return column.kind == Kind::figure || column.kind == Kind::numbered; }

bool has(const Grid& grid, Kind kind) { return std::ranges::count(grid.columns, kind, &Column::kind) > 0; }

std::size_t total(const std::vector<std::size_t>& widths, std::size_t indent) {
  std::size_t sum = indent, shown = 0;
  for (const std::size_t columns : widths) {
    sum += columns;
    if (columns > 0 && shown++ > 0) sum += gap;
  }
  return sum;
}

std::string bar_text(const Bar& bar, std::size_t longest) {
  const auto length = [&](double share) {
    return static_cast<std::size_t>(share * static_cast<double>(longest) + 0.5);
  };
  const std::span<const std::string_view> shades = shades_for(bar.parts());
  const std::size_t limit = bar.limit > 0 ? length(bar.limit) : SIZE_MAX;
  std::string text;
  std::size_t at = 0;
  for (std::size_t part = 0; part < shades.size(); ++part) {
    const std::size_t end = std::max<std::size_t>(length(bar.ends[part]), part == 0 ? 1 : 0);
    for (; at < end; ++at) text += at == limit ? "│" : shades[part];
  }
  if (limit == SIZE_MAX || at > limit) return text;
  return text.append(limit - at, ' ') + "│";
}

// A cell as shown, with its width in terminal columns.
struct Shown {
  std::string_view text;
  Ink ink = Ink::plain;
  std::size_t columns = 0;
};

class Layout {
 public:
  Layout(const Grid& grid, const Style& style)
      : grid_(grid),
        style_(style),
        edge_(static_cast<std::size_t>(style.columns)),
        indent_(grid.indented ? indentation : 0),
        marked_(std::ranges::any_of(grid.rows, [](const Grid::Row& row) { return row.mark != ' '; })) {
    show_cells();
    widths_ = natural_widths();
    if (has(grid_, Kind::numbered) && is_too_wide()) number_titles();
    if (has(grid_, Kind::group) && is_too_wide()) group_rows();
    make_room_for_bars();
    shorten_names();
    drop_columns();
    cut_names();
  }

  std::string text() const {
    std::string out;
    const auto has_text = [](const Shown& title) { return title.columns > 0; };
    if (std::ranges::any_of(titles_, has_text)) write_line(out, titles_, {});
    std::span<const Shown> rest = cells_;
    std::string_view group;
    for (const Grid::Row& row : grid_.rows) {
      if (row.cells.empty()) {
        write_note(out, row.note);
        continue;
      }
      if (grouped_ && rest[0].text != group) {
        group = rest[0].text;
        write_text(out, cut(group, edge_ - indent_), Ink::bold);
      }
      write_line(out, rest.first(row.cells.size()), bar_ == 0 ? std::string() : bar_text(row.bar, bar_));
      rest = rest.subspan(row.cells.size());
    }
    return numbered_ ? out + meanings_of_numbers() : out;
  }

 private:
  // ---- what is shown

  void show_cells() {
    for (std::size_t i = 0; i < grid_.columns.size(); ++i)
      titles_.push_back(shown(i, grid_.columns[i].title, grid_.columns[i].brief_title, ' ', Ink::dim));
    cells_.reserve(grid_.rows.size() * titles_.size());
    for (const Grid::Row& row : grid_.rows)
      for (std::size_t i = 0; i < row.cells.size(); ++i)
        cells_.push_back(
            shown(i, row.cells[i].text, row.cells[i].brief.text, row.mark, row.cells[i].text.ink));
  }

  Shown shown(std::size_t column, const Text& full, std::string_view brief, char mark, Ink ink) {
    const bool sentence = grid_.columns[column].kind == Kind::sentence;
    const bool is_brief = !brief.empty() && edge_ < (sentence ? room_for_sentences : room_for_names);
    std::string_view text = is_brief ? brief : full.text;
    if (marked_ && column == 0) text = made_.emplace_back(fmt::format("{} {}", mark, text));
    return {text, ink, width(text)};
  }

  void number_titles() {
    std::size_t number = 0;
    for (std::size_t i = 0; i < titles_.size(); ++i) {
      if (grid_.columns[i].kind != Kind::numbered) continue;
      const std::string& text = made_.emplace_back(fmt::format("[{}]", ++number));
      titles_[i] = {text, Ink::dim, width(text)};
    }
    widths_ = natural_widths();
    numbered_ = true;
  }

  void group_rows() {
    for (std::size_t i = 0; i < widths_.size(); ++i)
      if (grid_.columns[i].kind == Kind::group) widths_[i] = 0;
    indent_ = indentation;
    grouped_ = true;
  }

  // ---- how wide

  std::vector<std::size_t> natural_widths() const {
    std::vector<std::size_t> widths;
    for (std::size_t i = 0; i < titles_.size(); ++i)
      widths.push_back(grid_.columns[i].kind == Kind::label ? label_width : titles_[i].columns);
    for (std::size_t i = 0; i < cells_.size(); ++i) {
      std::size_t& columns = widths[i % widths.size()];
      columns = std::max(columns, cells_[i].columns);
    }
    return widths;
  }

  // Too wide even with all droppable columns dropped and no name cut.
  bool is_too_wide() const {
    std::vector<std::size_t> kept = widths_;
    for (std::size_t i = 0; i < kept.size(); ++i)
      if (grid_.columns[i].drop != 0) kept[i] = 0;
    return total(kept, indent_) > edge_;
  }

  void make_room_for_bars() {
    const auto has_bar = [](const Grid::Row& row) { return row.bar.whole() > 0; };
    if (grid_.chart) return make_room_for_chart();
    const std::size_t taken = total(widths_, indent_) + gap;
    if (taken + narrowest_bar <= edge_ && std::ranges::any_of(grid_.rows, has_bar))
      bar_ = std::min(widest_bar, edge_ - taken);
  }

  // A column less for the mark after the longest bar.
  void make_room_for_chart() {
    drop_columns(gap + wide_bar);
    const std::size_t taken = total(widths_, indent_) + gap + 1;
    if (taken + narrowest_bar <= edge_) bar_ = std::min(widest_chart, edge_ - taken);
  }

  // Long names become brief if every column then has room.
  void shorten_names() {
    for (std::size_t i = 0; i < widths_.size() && total(widths_, indent_) > edge_; ++i)
      if (grid_.columns[i].kind == Kind::name) shorten_names(i);
  }

  void shorten_names(std::size_t column) {
    const std::size_t excess = total(widths_, indent_) - edge_;
    if (widths_[column] <= excess) return;
    const std::size_t room = widths_[column] - excess;
    std::vector<std::pair<std::size_t, Shown>> shorter;
    std::size_t at = 0;
    for (const Grid::Row& row : grid_.rows) {
      if (row.cells.empty()) continue;
      const std::size_t cell = at + column;
      at += row.cells.size();
      if (cells_[cell].columns <= room) continue;
      const std::string_view brief = row.cells[column].brief.text;
      if (brief.empty() || width(brief) > room) return;
      shorter.push_back({
          cell, {brief, cells_[cell].ink, width(brief)}
      });
    }
    for (const auto& [cell, brief] : shorter) cells_[cell] = brief;
    widths_[column] = natural_widths()[column];
  }

  void drop_columns(std::size_t reserved = 0) {
    while (total(widths_, indent_) + reserved > edge_) {
      std::size_t victim = widths_.size();
      for (std::size_t i = 0; i < widths_.size(); ++i) {
        if (widths_[i] == 0 || grid_.columns[i].drop == 0) continue;
        if (victim == widths_.size() || grid_.columns[i].drop < grid_.columns[victim].drop) victim = i;
      }
      if (victim == widths_.size()) return;
      widths_[victim] = 0;
    }
  }

  void cut_names() {
    while (total(widths_, indent_) > edge_) {
      std::size_t victim = widths_.size();
      for (std::size_t i = 0; i < widths_.size(); ++i) {
        if (is_figure(grid_.columns[i]) || widths_[i] <= shortest_name) continue;
        if (victim == widths_.size() || widths_[i] > widths_[victim]) victim = i;
      }
      if (victim == widths_.size()) return;
      --widths_[victim];
    }
  }

  // ---- in text

  void write_line(std::string& out, std::span<const Shown> line, const std::string& bar) const {
    out.append(indent_, ' ');
    std::size_t owed = 0;  // spaces before the next cell, delayed so that no line ends in spaces
    for (std::size_t i = 0; i < line.size(); ++i) {
      if (widths_[i] == 0) continue;
      const Shown& cell = line[i];
      if (cell.columns == 0) {
        owed += widths_[i] + gap;
        continue;
      }
      const bool figure = is_figure(grid_.columns[i]);
      const std::string other = figure ? std::string() : fitted(cell, i);
      const std::size_t taken = other.empty() ? cell.columns : width(other);
      const std::size_t rest = widths_[i] - std::min(widths_[i], taken);
      out.append(owed + (figure ? rest : 0), ' ');
      write_painted(out, other.empty() ? cell.text : other, cell.ink, style_);
      owed = gap + (figure ? 0 : rest);
    }
    out.append(bar.empty() ? 0 : owed, ' ');
    write_painted(out, bar, line[0].ink, style_);
    out += '\n';
  }

  // Cuts a name that is too wide and pads a label; empty: the text is unchanged.
  std::string fitted(const Shown& cell, std::size_t column) const {
    if (cell.columns > widths_[column]) return cut(cell.text, widths_[column]);
    return grid_.columns[column].kind == Kind::label ? pad_right(std::string(cell.text), widths_[column])
                                                     : "";
  }

  void write_text(std::string& out, std::string_view text, Ink ink) const {
    out.append(indent_, ' ');
    write_painted(out, text, ink, style_);
    out += '\n';
  }

  void write_note(std::string& out, const Grid::Note& note) const {
    using enum Grid::Note::On;
    const std::size_t depth = note.on == grid ? 0 : note.on == row ? indentation : widths_[0] + gap;
    write_text(out, std::string(depth, ' ') + note.text.text, Ink::dim);
  }

  std::string meanings_of_numbers() const {
    std::string out;
    std::size_t number = 0;
    for (const Column& column : grid_.columns)
      if (column.kind == Kind::numbered)
        out +=
            wrap(fmt::format("[{}] {}", ++number, column.title.text), indentation, indentation + 4, style_);
    return out;
  }

  const Grid& grid_;
  const Style& style_;
  std::size_t edge_, indent_, bar_ = 0;  // the longest bar; 0: there is no room for bars
  bool marked_, numbered_ = false, grouped_ = false;
  std::vector<Shown> titles_, cells_;  // row by row
  std::vector<std::size_t> widths_;    // of the columns, 0: dropped
  std::deque<std::string> made_;       // shown texts that are not in the grid
};

}  // namespace

std::string grid_text(const Grid& grid, const Style& style) { return Layout(grid, style).text(); }

}  // namespace vramcalc::render
