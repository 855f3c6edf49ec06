#include "render/text.hpp"

#include "catch.hpp"
#include "render/grid.hpp"

using namespace vramcalc::render;

namespace {

Style wide(int columns, bool colour = false, bool unicode = true) {
  Style style;
  style.columns = columns;
  style.colour = colour;
  style.unicode = unicode;
  return style;
}

Grid page_of_its_own(std::vector<Column> columns) {
  Grid grid;
  grid.columns = std::move(columns);
  grid.indented = false;
  return grid;
}

}  // namespace

TEST_CASE("width counts code points, not bytes and not colour") {
  CHECK(width("") == 0);
  CHECK(width("abc") == 3);
  CHECK(width("·…█") == 3);
  CHECK(width(paint("abc", Ink::red, wide(80, true))) == 3);
  CHECK(width("\033[1") == 0);  // cut off in the middle: no end, no crash
  CHECK(width("\xFE\xFF") == 0);
}

TEST_CASE("a cut text ends in an ellipsis and never inside a character") {
  struct Row {
    const char* text;
    std::size_t columns;
    const char *unicode, *ascii;
  };
  const Row rows[] = {
      {"RTX 4090", 8, "RTX 4090",  "RTX 4090"},
      {"RTX 4090", 7, "RTX 40…", "RTX 40~" },
      {"RTX 4090", 5, "RTX…",    "RTX~"    },
      {"RTX 4090", 1, "…",       "~"       },
      {"RTX 4090", 0, "",          ""        },
      {"ÄÖÜß", 3, "ÄÖ…",   "ÄÖ~"   },
  };
  for (const Row& row : rows) {
    CAPTURE(row.text, row.columns);
    CHECK(cut(row.text, row.columns) == row.unicode);
    CHECK(printed_page(cut(row.text, row.columns), wide(80, false, false)) == row.ascii);
  }
}

TEST_CASE("parts move to a new line as a whole, unless one alone is too wide") {
  const Flow dots{" · ", 0, 2};
  CHECK(flow({"one", "two", "three"}, dots, wide(40)) == "one · two · three\n");
  CHECK(flow({"one", "two", "three"}, dots, wide(10)) == "one · two\n  three\n");
  CHECK(flow({"one", "a long part", "x"}, dots, wide(10)) == "one · a\n  long\n  part · x\n");
  CHECK(flow({}, dots, wide(10)).empty());
  CHECK(wrap("a word and another", 2, 4, wide(12)) == "  a word and\n    another\n");
  CHECK(wrap("unbreakable", 0, 0, wide(4)) == "unbreakable\n");
  CHECK(labelled("no", "RTX 4090, RTX 3090", 2, 6, wide(16)) == "  no  RTX 4090,\n      RTX 3090\n");
}

TEST_CASE("there is colour only on request") {
  const auto printed = [](Ink ink, bool colour) {
    const Style style = wide(80, colour);
    return printed_page(paint("x", ink, style), style);
  };
  CHECK(printed(Ink::red, false) == "x");
  CHECK(printed(Ink::red, true) == "\033[31mx\033[0m");
  CHECK(printed(Ink::plain, true) == "x");
}

TEST_CASE("a page has no escape sequence except our own colour, whatever its texts") {
  struct Row {
    std::string text, shown;
  };
  const Row rows[] = {
      {"a line\nand · another…\n", "a line\nand · another…\n"},
      {"\033[31mx\033[0m",            "\\x1b[31mx\\x1b[0m"         },
      {"\033]0;title\a",              "\\x1b]0;title\\x07"         },
      {"\r\t\x7f",                    "\\x0d\\x09\\x7f"            },
      {"\xe2\x80\xae",                "\\xe2\\x80\\xae"            },
      {"\xFE\xFF\xFE\033[2J",         "\\xfe\\xff\\xfe\\x1b[2J"    }, // the mark, and no colour
  };
  for (const Row& row : rows)
    for (const bool colour : {false, true}) {
      CAPTURE(row.text, colour);
      CHECK(printed_page(row.text, wide(80, colour)) == row.shown);
    }
}

TEST_CASE("a text laid out is one line with its displayed width") {
  CHECK(wrap("a\nb c", 0, 2, wide(80)) == "a\\x0ab c\n");
  CHECK(flow({"a\033[1m", "b"}, {" · "}, wide(80, true)) == "a\\x1b[1m · b\n");
  const Text bold("a\nb", Ink::bold);
  CHECK(printed_page(wrap(bold, 0, 2, wide(80, true)), wide(80, true)).find("\033[1ma") == 0);
  Grid grid = page_of_its_own({
      {"n\tame", Column::Kind::name,   0},
      {"GB",     Column::Kind::figure, 0}
  });
  grid.add(cells_of("x\n", "1"));
  CHECK(grid_text(grid, wide(80)) ==
        "n\\x09ame  GB\n"
        "x\\x0a      1\n");
}

TEST_CASE("columns are aligned and dropped in order, then names are cut, but never figures") {
  using enum Column::Kind;
  Grid grid = page_of_its_own({
      {"name", name,   0},
      {"GB",   figure, 0},
      {"note", name,   2},
      {"bar",  name,   1}
  });
  grid.add(cells_of("a quite long name", "1,170.3", "fine", "####"));
  grid.add(cells_of("short", "4.1", "", "#"));
  grid.add_note("and 3 more");

  CHECK(grid_text(grid, wide(80)) ==
        "name                    GB  note  bar\n"
        "a quite long name  1,170.3  fine  ####\n"
        "short                  4.1        #\n"
        "and 3 more\n");
  CHECK(grid_text(grid, wide(37)) ==
        "name                    GB  note\n"
        "a quite long name  1,170.3  fine\n"
        "short                  4.1\n"
        "and 3 more\n");
  CHECK(grid_text(grid, wide(20)) ==
        "name              GB\n"
        "a quite lo…  1,170.3\n"
        "short            4.1\n"
        "and 3 more\n");
  CHECK(grid_text(grid, wide(3)).find("1,170.3") != std::string::npos);
}

TEST_CASE("names that have a brief form are shortened before a column is dropped") {
  using enum Column::Kind;
  Grid grid = page_of_its_own({
      {"",      name,   0},
      {"GB",    figure, 0},
      {"speed", figure, 1},
      {"best",  name,   0}
  });
  const std::string best(30, 'Q');
  const std::string brief = "M3 Ultra 512GB";
  grid.add(cells_of(Cell(Text("NVIDIA GeForce RTX 4090"), Text("RTX 4090")), "25.4", "95..140", best));
  grid.add(cells_of(Cell(Text(brief + " (60/80-core GPU)"), Text(brief)), "498.2", "40..61", best));
  const auto lines = [&](int columns) { return grid_text(grid, wide(columns)); };
  CHECK(lines(79).find("M3 Ultra 512GB (60/80-core GPU)  498.2   40..61  Q") != std::string::npos);
  CHECK(lines(78).find("RTX 4090         25.4  95..140  Q") != std::string::npos);
  CHECK(lines(78).find("M3 Ultra 512GB  498.2   40..61  Q") != std::string::npos);
  grid.rows[1].cells[0].brief = grid.rows[1].cells[0].text;
  CHECK(lines(75).find("M3 Ultra 512GB (60/80-core…  498.2   40..61  Q") != std::string::npos);
  grid.columns[2].drop = 0;
  CHECK(lines(78).find("NVIDIA GeForce RTX 4090") != std::string::npos);
  grid.columns[2].drop = 1;
  grid.rows[0].cells[0].brief = grid.rows[1].cells[0].brief = {};
  CHECK(lines(75).find("40..61") == std::string::npos);
}
