#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "model/printable.hpp"
#include "render/render.hpp"

// What a report says, before anything is known of where it is read: titled sections of paragraphs and grids.
// A format for people is one file that walks a Document. How wide the page is, what is dropped or cut on a
// narrow one, and which signs and colours it can show is for that file to decide.
namespace vramcalc::render {

enum class Ink { plain, bold, dim, green, cyan, yellow, red };

// One line of text, printable whatever it was made of. Its signs are those of Unicode.
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
  // What it says, and so how it is set.
  enum class Kind {
    prose,
    headline,   // the answer in a sentence
    statement,  // a sentence that stands for itself
    warning,
    remark,      // on the headline
    detail,      // of the statement above it
    reason,      // of a figure above it
    rest,        // how many more there are than the rows above
    legend,      // of the words above it
    footnote,    // of a whole page
    term,        // that is explained
    ingredient,  // of that term
    rule,        // that it follows
  };
  enum class Between { nothing, space, dot };  // its texts; with something between them each is kept whole

  Kind kind = Kind::prose;
  std::vector<Text> texts;
  Between between = Between::nothing;
};

// A text behind a label of the same kind as those in a grid's column of labels.
struct Labelled {
  Text label, text;
};

// A line that is never broken: a command is there to be copied, a message to be searched for.
struct Line {
  enum class Kind { command, message };
  Kind kind = Kind::message;
  Text text;
};

struct Column {
  enum class Kind {
    figure,    // never cut
    numbered,  // figures; where its title is too wide it may be a number, said below the grid
    name,
    sentence,
    label,  // a word for the rows from here on
    group,  // the same in neighbouring rows: where it is too wide it may stand above them
  };
  Text title;
  Kind kind = Kind::name;
  int drop = 0;                  // on a narrow page columns are dropped in this order, 0: never
  std::string brief_title = {};  // on a narrow page, empty: the same
};

struct Cell {
  Cell(Text content, Text shorter = {}) : text(std::move(content)), brief(std::move(shorter)) {}  // NOLINT
  Cell(std::string content, Ink ink) : text(std::move(content), ink) {}
  Cell() = default;

  Text text;
  Text brief;  // on a narrow page, empty: the same
};

template <class... Contents>
std::vector<Cell> cells_of(Contents&&... contents) {
  std::vector<Cell> cells;
  cells.reserve(sizeof...(contents));
  (cells.emplace_back(std::forward<Contents>(contents)), ...);
  return cells;
}

// How long the bar behind a row is, where the longest of the grid is 1.
struct Bar {
  double solid = 0, whole = 0;
};

struct Grid {
  // A line across the columns.
  struct Note {
    enum class On { grid, row, group };  // group: the rows with the same label
    Text text;
    On on = On::grid;
  };
  struct Row {
    std::vector<Cell> cells;  // none: a note
    char mark = ' ';          // before it, if any row has one
    Bar bar = {};
    Note note = {};
  };

  void add(std::vector<Cell> cells) { rows.push_back({std::move(cells)}); }
  void add_note(Text text, Note::On on = Note::On::grid) { rows.emplace_back().note = {std::move(text), on}; }

  std::vector<Column> columns;
  bool indented = true;  // what belongs to a text around it, and is not a page of its own
  std::vector<Row> rows;
};

using Block = std::variant<Paragraph, Labelled, Line, Grid>;

struct Section {
  void add(Block block) { blocks.push_back(std::move(block)); }
  void add(Paragraph::Kind kind, Text text);
  void add(Paragraph::Kind kind, std::vector<Text> parts,
           Paragraph::Between between);  // nothing where there is none

  Text title;
  Text summary;  // behind the title
  std::vector<Block> blocks;
};

struct Document {
  enum class Width { page, list };  // list: as wide as it is, where nothing limits it

  Document() = default;
  explicit Document(Section section) { add(std::move(section)); }
  void add(Section section);  // nothing where there is nothing in it

  Width width = Width::page;
  std::vector<Section> sections;
  Section summary;  // the answer once more and short, for a reader whom the rest has scrolled out of sight of
};

// What the reader asked to be told.
struct Content {
  Units units = Units::GB;
  bool all = false;  // every quantization and every device, not only the usual ones
};

Document document(const Report& report, const Content& content);

}  // namespace vramcalc::render
