#include "vramcalc/error.hpp"

#include "catch.hpp"

using namespace vramcalc;

// Found by fuzzing: a config whose layer type contains a line break.
TEST_CASE("a message is one line and safe for a terminal, whatever it quotes") {
  struct Row {
    std::string message, shown;
  };
  const Row rows[] = {
      {"plain",               "plain"                },
      {"x.json: \"a\nb\"",    "x.json: \"a\\x0ab\""  },
      {"\x1b[31mred\r",       "\\x1b[31mred\\x0d"    },
      {"naïve – 你好",   "naïve – 你好"    },
      {"no UTF-8: \xff\xfe.", "no UTF-8: \\xff\\xfe."},
  };
  for (const Row& row : rows) CHECK(Error(ErrorCode::bad_file, row.message).what() == row.shown);
}
