#include "catch.hpp"
#include "deployment/arithmetic.hpp"
#include "deployment/formats.hpp"
#include "deployment/pattern.hpp"

using namespace vramcalc::deployment;

namespace {

struct Row {
  std::string_view text;
  std::string_view expanded;
  std::string_view holes;  // their names, parted by blanks
};

void check(std::span<const Row> rows, Expansion expansion) {
  const std::vector<Variable> variables = {
      {"A",     {"1", {}}},
      {"EMPTY", {"", {}} }
  };
  const Supplied supplied{
      .variables = {{"S", "s"},         {"A", "9"}},
        .paths = {                  }
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const Word word = expand(row.text, {"a.yaml", 1}, expansion, variables, supplied);
    std::string holes;
    for (const Hole& hole : word.holes) holes += (holes.empty() ? "" : " ") + hole.name;
    CHECK(word.text == row.expanded);
    CHECK(holes == row.holes);
  }
}

}  // namespace

TEST_CASE("compose files are expanded as compose does, and what has no value stays open") {
  static constexpr std::array rows = {
      Row{"a",                  "a",            ""            },
      Row{"$A",                 "1",            ""            },
      Row{"${A}b",              "1b",           ""            },
      Row{"$$A",                "$A",           ""            },
      Row{"${S}",               "s",            ""            },
      Row{"$B",                 "$B",           "B"           },
      Row{"${B}",               "${B}",         "B"           },
      Row{"${B:-c}",            "c",            ""            },
      Row{"${B-c}",             "c",            ""            },
      Row{"${EMPTY:-c}",        "c",            ""            },
      Row{"${EMPTY-c}",         "",             ""            },
      Row{"${EMPTY}",           "",             ""            },
      Row{"${A:-c}",            "1",            ""            },
      Row{"${A:+r}${B:+r}",     "r",            ""            },
      Row{"${B:?secret words}", "${B}",         "B"           },
      Row{"${B?}",              "${B}",         "B"           },
      Row{"${B:-${A}}",         "1",            ""            },
      Row{"${B:-${C:-d}}e",     "de",           ""            },
      Row{"5$",                 "5$",           ""            },
      Row{"${var.model}",       "${var.model}", "${var.model}"},
      Row{"x {{ .V }} y",       "x {{ .V }} y", "{{ .V }}"    },
  };
  check(rows, Expansion::compose);
}

TEST_CASE("Kubernetes expands $(NAME) only") {
  static constexpr std::array rows = {
      Row{"$(A)b",    "1b",       ""        },
      Row{"$(S)",     "s",        ""        },
      Row{"$(B)",     "$(B)",     "B"       },
      Row{"$$(A)",    "$(A)",     ""        },
      Row{"${A} $A",  "${A} $A",  ""        },
      Row{"$(A",      "$(A",      ""        },
      Row{"{{ .V }}", "{{ .V }}", "{{ .V }}"},
  };
  check(rows, Expansion::kubernetes);
}

TEST_CASE("a text between double quotes is expanded as a shell does") {
  static constexpr std::array rows = {
      Row{"$A ${A}",      "1 1",        ""          },
      Row{"\\$A 'x'",     "$A 'x'",     ""          },
      Row{"${B:-c d}",    "c d",        ""          },
      Row{"$B",           "$B",         "B"         },
      Row{"$(ls a)",      "$(ls a)",    "$(ls a)"   },
      Row{"$((A + 2*3))", "7",          ""          },
      Row{"$((B + 1))",   "$((B + 1))", "$((B + 1))"},
      Row{"${A:0:1}",     "${A}",       "${A}"      },
  };
  check(rows, Expansion::shell);
}

TEST_CASE("nothing is expanded where nothing is to be") {
  static constexpr std::array rows = {
      Row{"$A ${A} $(A)", "$A ${A} $(A)", ""        },
      Row{"{{ .V }}",     "{{ .V }}",     "{{ .V }}"},
  };
  check(rows, Expansion::none);
}

TEST_CASE("arithmetic is a shell's, within 64 bits") {
  const NumberOf none = [](std::string_view) { return std::optional<std::int64_t>(); };
  const auto value = [&](std::string_view text) { return evaluate_arithmetic(text, none); };
  CHECK(value("1 + 2 * 3") == 7);
  CHECK(value("(1 + 2) * -3") == -9);
  CHECK(value("7 / 2 % 2") == 1);
  CHECK_FALSE(value("1 / 0"));
  CHECK_FALSE(value("x + 1"));
  CHECK_FALSE(value("1 << 3"));
  CHECK_FALSE(value("010"));
  CHECK_FALSE(value(""));
  CHECK_FALSE(value("9223372036854775807 + 1"));
  CHECK_FALSE(value(std::string(5000, '(')));
}

TEST_CASE("a pattern matches all of a text") {
  CHECK(matches_pattern("a*c", "abbc"));
  CHECK(matches_pattern("*", ""));
  CHECK(matches_pattern("?[a-c][!x]", "zbz"));
  CHECK_FALSE(matches_pattern("a*c", "abbd"));
  CHECK_FALSE(matches_pattern("[a-c]", "d"));
  CHECK(matches_pattern("[a", "[a"));
}
