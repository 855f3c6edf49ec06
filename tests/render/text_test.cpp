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

}  // namespace

TEST_CASE("width counts code points, not bytes and not colour") {
  CHECK(width("") == 0);
  CHECK(width("abc") == 3);
  CHECK(width("·…█") == 3);
  CHECK(width(paint("abc", Ink::red, wide(80, true))) == 3);
  CHECK(width("\033[1") == 0);  // cut off in the middle: no end, no crash
}

TEST_CASE("a cut text ends in an ellipsis and never in half a letter") {
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
    CHECK(cut(row.text, row.columns, wide(80)) == row.unicode);
    CHECK(cut(row.text, row.columns, wide(80, false, false)) == row.ascii);
  }
}

TEST_CASE("parts go to a new line whole, unless one alone is too wide") {
  const Flow dots{" · ", 0, 2};
  CHECK(flow({"one", "two", "three"}, dots, wide(40)) == "one · two · three\n");
  CHECK(flow({"one", "two", "three"}, dots, wide(10)) == "one · two\n  three\n");
  CHECK(flow({"one", "a long part", "x"}, dots, wide(10)) == "one · a\n  long\n  part · x\n");
  CHECK(flow({}, dots, wide(10)).empty());
  CHECK(wrap("a word and another", 2, 4, wide(12)) == "  a word and\n    another\n");
  CHECK(wrap("unbreakable", 0, 0, wide(4)) == "unbreakable\n");
  CHECK(labelled("no", "RTX 4090, RTX 3090", 2, 6, wide(16)) == "  no  RTX 4090,\n      RTX 3090\n");
}

TEST_CASE("colour only where it is asked for") {
  CHECK(paint("x", Ink::red, wide(80)) == "x");
  CHECK(paint("x", Ink::red, wide(80, true)) == "\033[31mx\033[0m");
  CHECK(paint("x", Ink::plain, wide(80, true)) == "x");
}

TEST_CASE("columns are aligned, dropped in their order, then names are cut and figures never") {
  using enum Column::Kind;
  Grid grid(
      {
          {"name", name,   0},
          {"GB",   figure, 0},
          {"note", name,   2},
          {"bar",  name,   1}
  },
      0);
  grid.add({"a quite long name", "1,170.3", "fine", "####"});
  grid.add({"short", "4.1", "", "#"});
  grid.add_note({"and 3 more", Ink::dim});

  CHECK(grid.text(wide(80)) ==
        "name                    GB  note  bar\n"
        "a quite long name  1,170.3  fine  ####\n"
        "short                  4.1        #\n"
        "and 3 more\n");
  CHECK(grid.text(wide(37)) ==
        "name                    GB  note\n"
        "a quite long name  1,170.3  fine\n"
        "short                  4.1\n"
        "and 3 more\n");
  CHECK(grid.text(wide(20)) ==
        "name              GB\n"
        "a quite lo…  1,170.3\n"
        "short            4.1\n"
        "and 3 more\n");
  CHECK(grid.text(wide(3)).find("1,170.3") != std::string::npos);
}
