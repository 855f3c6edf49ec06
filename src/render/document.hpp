#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "model/printable.hpp"
#include "render/render.hpp"

// The contents of a report, independent of the output: titled sections of paragraphs and grids. A format for
// people is one file that walks a Document and decides on the width of the page, what to drop or cut on a
// narrow one, and which signs and colours to use.
namespace vramcalc::render {

enum class Ink { plain, bold, dim, green, cyan, yellow, red };

// One line of printable Unicode text, whatever it was made from.
struct Text {
  Text(std::string content, Ink colour = Ink::plain)  // NOLINT: reads as text
      : text(is_printable(content) ? std::move(content) : printable(content)), ink(colour) {}
  Text(const char* content, Ink colour = Ink::plain) : Text(std::string(content), colour) {}  // NOLINT
  Text(std::string_view content) : Text(std::string(content)) {}                              // NOLINT
  Text() = default;

  bool empty() const { return text.empty(); }

  std::string text;
  Ink ink = Ink::plain;
};

struct Paragraph {
  // The role of a paragraph, which decides its layout.
  enum class Kind {
    prose,
    headline,   // the answer in a sentence
    statement,  // a sentence on its own
    warning,
    remark,      // on the headline
    detail,      // of the statement above it
    reason,      // for a figure above it
    rest,        // the number of rows not shown
    legend,      // of the words above it
    footnote,    // of a whole page
    term,        // that is explained
    ingredient,  // of that term
    rule,        // that it follows
  };
  enum class Between { nothing, space, dot };  // between its texts; with a separator, each text is kept whole

  Kind kind = Kind::prose;
  std::vector<Text> texts;
  Between between = Between::nothing;
};

std::string_view separator(Paragraph::Between between);

// The texts in one line, each as `write` writes it.
template <class Write>
std::string joined(const Paragraph& paragraph, const Write& write) {
  std::string line;
  for (const Text& text : paragraph.texts) {
    if (!line.empty()) line += separator(paragraph.between);
    line += write(text);
  }
  return line;
}

// A text after a label like those in a grid's column of labels.
struct Labelled {
  Text label, text;
};

// A line that is never broken, so that a command can be copied and a message searched for.
struct Line {
  enum class Kind { command, message };
  Kind kind = Kind::message;
  Text text;
};

struct Column {
  enum class Kind {
    figure,    // never cut
    numbered,  // figures; a title that is too wide may become a number that is explained below the grid
    name,
    sentence,
    label,  // a word for the rows from here on
    group,  // the same in neighbouring rows; if it is too wide, it may go above them
  };
  Text title;
  Kind kind = Kind::name;
  int drop = 0;                  // on a narrow page columns are dropped in this order, 0: never
  std::string brief_title = {};  // for a narrow page; empty: the same
};

struct Cell {
  Cell(Text content, Text shorter = {}) : text(std::move(content)), brief(std::move(shorter)) {}  // NOLINT
  Cell(std::string content, Ink ink) : text(std::move(content), ink) {}
  Cell() = default;

  Text text;
  Text brief;  // for a narrow page; empty: the same
};

template <class... Contents>
std::vector<Cell> cells_of(Contents&&... contents) {
  std::vector<Cell> cells;
  cells.reserve(sizeof...(contents));
  (cells.emplace_back(std::forward<Contents>(contents)), ...);
  return cells;
}

// The bar after a row, from the left: where each of its parts ends. The longest in the grid is 1.
struct Bar {
  static constexpr std::size_t most_parts = 4;
  std::array<double, most_parts> ends{};  // rising; 0: no such part
  double limit = 0;                       // a mark across it; 0: none

  double whole() const { return *std::ranges::max_element(ends); }
  std::size_t parts() const {  // up to the last one
    std::size_t count = ends.size();
    while (count > 0 && ends[count - 1] == 0) --count;
    return count;
  }
};

// The signs of a bar's parts on a terminal.
std::span<const std::string_view> shades_for(std::size_t parts);

struct Grid {
  // A line across the columns.
  struct Note {
    enum class On { grid, row, group };  // group: the rows with the same label
    Text text;
    On on = On::grid;
  };
  struct Row {
    std::vector<Cell> cells;  // empty: a note
    char mark = ' ';          // before it, if any row has one
    Bar bar = {};
    Note note = {};
  };

  void add(std::vector<Cell> cells) { rows.push_back({std::move(cells)}); }
  void add_note(Text text, Note::On on = Note::On::grid) { rows.emplace_back().note = {std::move(text), on}; }

  std::vector<Column> columns;
  bool indented = true;  // part of the surrounding text, not a page of its own
  bool chart = false;    // its bars are what it is for, so columns are dropped to make room for them
  std::vector<Row> rows;
};

using Block = std::variant<Paragraph, Labelled, Line, Grid>;

struct Section {
  void add(Block block) { blocks.push_back(std::move(block)); }
  void add(Paragraph::Kind kind, Text text);
  void add(Paragraph::Kind kind, std::vector<Text> parts,
           Paragraph::Between between);  // adds nothing if empty

  Text title;
  Text summary;  // after the title
  std::vector<Block> blocks;
};

struct Document {
  enum class Width { page, list };  // list: its natural width if nothing limits it

  Document() = default;
  explicit Document(Section section) { add(std::move(section)); }
  void add(Section section);  // adds nothing if empty

  Width width = Width::page;
  std::vector<Section> sections;
  Section
      summary;  // a short repetition of the answer, for a reader whom the rest has scrolled out of sight of
};

// The reader's choices of what to show.
struct Content {
  Units units = Units::GB;
  bool all = false;    // every quantization and every device, not only the usual ones
  bool chart = false;  // the terms of each device as a chart
};

Document document(const Report& report, const Content& content);

}  // namespace vramcalc::render
