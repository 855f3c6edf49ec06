#include "catch.hpp"
#include "vramcalc/deployment.hpp"
#include "vramcalc/error.hpp"

using namespace vramcalc;
using namespace vramcalc::deployment;

TEST_CASE("a comment ignores a finding with a reason") {
  const auto ignored =
      ignored_findings({"a.yaml",
                        "services:\n"
                        "  # vramcalc ignore=tight,headroom until=2027-01-01 measured on the card\n"
                        "  llm: {}\n"
                        "  other: {}  # vramcalc ignore=removed-flag the image is old\n"});
  REQUIRE(ignored.size() == 3);
  CHECK(ignored[0].code == "tight");
  CHECK(ignored[1].code == "headroom");
  CHECK(ignored[1].at == Position{"a.yaml", 2});
  CHECK(ignored[1].until == "2027-01-01");
  CHECK(ignored[1].reason == "measured on the card");
  CHECK(ignored[2].at.line == 4);
  CHECK(ignored[2].until.empty());
}

TEST_CASE("above everything else, a comment is for the whole file") {
  const auto ignored =
      ignored_findings({"a.sh", "#!/bin/sh\n# vramcalc ignore=tight this is a test bed\nvllm serve x\n"});
  REQUIRE(ignored.size() == 1);
  CHECK(ignored[0].at.line == 0);
}

TEST_CASE("an ignoring comment without code, date or reason is refused with its line") {
  struct Row {
    const char *line, *words;
  };
  const Row rows[] = {
      {"# vramcalc ignore=nonsense because",             "a.sh:1: no finding has the code \"nonsense\""},
      {"# vramcalc ignore=tight",                        "a.sh:1: ignore= needs a reason"              },
      {"# vramcalc ignore=tight until=tomorrow because", "a.sh:1: \"tomorrow\" is not a date"          },
      {"# vramcalc ignore=tight until=2027-01-01",       "a.sh:1: ignore= needs a reason"              },
  };
  for (const Row& row : rows) {
    INFO(row.line);
    try {
      ignored_findings({"a.sh", row.line});
      FAIL("accepted");
    } catch (const Error& error) {
      CHECK_THAT(error.what(), Catch::Matchers::StartsWith(row.words));
    }
  }
}

TEST_CASE("patterns of paths") {
  struct Row {
    const char *pattern, *path;
    bool matches;
  };
  const Row rows[] = {
      {"deploy/*.yaml",    "deploy/a.yaml",     true },
      {"deploy/*.yaml",    "deploy/x/a.yaml",   false},
      {"deploy/**/*.yaml", "deploy/x/y/a.yaml", true },
      {"deploy/**/*.yaml", "deploy/a.yaml",     true },
      {"**/a.yaml",        "a.yaml",            true },
      {"**/a*.y?ml",       "x/abc.yaml",        true },
      {"*.yaml",           "x/a.yaml",          false},
      {"a.yaml",           "b.yaml",            false},
      {"**",               "x/y",               true },
      {"x/*/z/*.sh",       "x/y/z/run.sh",      true },
      {"x/*/z/*.sh",       "x/y/y/z/run.sh",    false},
  };
  for (const Row& row : rows) {
    INFO(row.pattern << " " << row.path);
    CHECK(matches(row.pattern, row.path) == row.matches);
  }
}
