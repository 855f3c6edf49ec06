#include "deployment/shell_words.hpp"

#include "catch.hpp"

using namespace vramcalc::deployment;

namespace {

// Words and operators, parted by blanks; newlines as ⏎.
std::string tokens(std::string_view script) {
  std::string all;
  for (const ShellToken& token : shell_tokens(script)) {
    if (token.kind == ShellToken::Kind::end) break;
    if (!all.empty()) all += ' ';
    all += token.kind == ShellToken::Kind::newline ? "⏎" : token.text;
    for (const ShellToken& item : token.items) all += "|" + item.text;
  }
  return all;
}

struct Row {
  std::string_view script;
  std::string_view tokens;
};

}  // namespace

TEST_CASE("a shell's words end where an operator or a blank outside of quotes begins") {
  static constexpr std::array rows = {
      Row{"a b",                           "a b"                          },
      Row{"a 'b c' \"d e\"f",              "a 'b c' \"d e\"f"             },
      Row{"a&&b||c;d&",                    "a && b || c ; d &"            },
      Row{"a | b",                         "a | b"                        },
      Row{"a\nb",                          "a ⏎ b"                      },
      Row{"a \\\n  b",                     "a b"                          },
      Row{"a # b",                         "a"                            },
      Row{"a#b",                           "a#b"                          },
      Row{"a\\ b",                         "a\\ b"                        },
      Row{"a $(b 'c)' d) e",               "a $(b 'c)' d) e"              },
      Row{"a ${B:-\"c d\"} e",             "a ${B:-\"c d\"} e"            },
      Row{"a `b c` d",                     "a `b c` d"                    },
      Row{"A=(b 'c d' \n # e\n f) g",      "A=|b|'c d'|f g"               },
      Row{"A+=(b)",                        "A+=|b"                        },
      Row{"[[ $a =~ ^(b|c)$ && -n d ]] e", "[[ $a =~ ^(b|c)$ && -n d ]] e"},
      Row{"a {{ b c }} d",                 "a {{ b c }} d"                },
      Row{"a <model> b",                   "a <model> b"                  },
      Row{"'a",                            "'a"                           },
  };
  for (const Row& row : rows) {
    CAPTURE(row.script);
    CHECK(tokens(row.script) == row.tokens);
  }
}

TEST_CASE("redirections and here-documents are no words") {
  static constexpr std::array rows = {
      Row{"a > b c",               "a c"      },
      Row{"a >b 2>&1 &",           "a &"      },
      Row{"a &> b; c",             "a ; c"    },
      Row{"a < b",                 "a"        },
      Row{"a <<< 'b' c",           "a c"      },
      Row{"a <<EOF\nb\nEOF\nc",    "a ⏎ c"  },
      Row{"a <<-'E' d\nb\n\tE\nc", "a d ⏎ c"},
      Row{"a <<EOF\nnever closed", "a ⏎"    },
  };
  for (const Row& row : rows) {
    CAPTURE(row.script);
    CHECK(tokens(row.script) == row.tokens);
  }
}

TEST_CASE("a word knows the line that it begins in") {
  const auto all = shell_tokens("a 'b\nc' \\\n d <<E\nx\nE\ne");
  REQUIRE(all.size() == 6);
  CHECK(all[1].line == 1);
  CHECK(all[2].line == 3);
  CHECK(all[4].text == "e");
  CHECK(all[4].line == 6);
}

TEST_CASE("words of one line lose their quotes") {
  std::vector<std::string> words;
  for (const Word& word : split_words("a 'b c' \"d \\\"e\" f\\ g\n''", {})) words.push_back(word.text);
  CHECK(words == std::vector<std::string>{"a", "b c", "d \"e", "f g", ""});
}
