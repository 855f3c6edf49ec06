#include "model/shell_word.hpp"

#include <cstdio>
#include <filesystem>

#include "catch.hpp"
#include "model/printable.hpp"

using namespace vramcalc;

namespace {

struct Row {
  std::string text, word;
};

const Row rows[] = {
    {"",                    "''"                        },
    {"model-Q4_K_M.gguf",   "model-Q4_K_M.gguf"         },
    {"/a/b.c/./x+y@z%,:=_", "/a/b.c/./x+y@z%,:=_"       },
    {"two words.gguf",      "'two words.gguf'"          },
    {"a;touch x.gguf",      "'a;touch x.gguf'"          },
    {"$(touch x).gguf",     "'$(touch x).gguf'"         },
    {"`touch x`",           "'`touch x`'"               },
    {"$HOME ${IFS}",        "'$HOME ${IFS}'"            },
    {"it's",                "'it'\\''s'"                },
    {"'",                   "''\\'''"                   },
    {"''';id;'",            "''\\'''\\'''\\'';id;'\\'''"},
    {"\"quoted\"",          "'\"quoted\"'"              },
    {"back\\slash",         "'back\\slash'"             },
    {"~/x.gguf",            "'~/x.gguf'"                },
    {"=ls",                 "'=ls'"                     },
    {"*.gguf",              "'*.gguf'"                  },
    {"?[a-z]{a,b}",         "'?[a-z]{a,b}'"             },
    {"!!",                  "'!!'"                      },
    {"#x",                  "'#x'"                      },
    {"a>b<c|d&e",           "'a>b<c|d&e'"               },
    {"(blk\\.3\\.ffn_up)",  "'(blk\\.3\\.ffn_up)'"      },
    {"naïve 你好.gguf",  "'naïve 你好.gguf'"      },
    {"two\nlines",          "$'two\\012lines'"          },
    {"\x1b[31m'red'\\",     "$'\\033[31m\\'red\\'\\\\'" },
    {"\xff\x31",            "$'\\3771'"                 },
    {"\xe2\x80\xae.gguf",   "$'\\342\\200\\256.gguf'"   },
};

}  // namespace

TEST_CASE("shell words are quoted where necessary") {
  for (const Row& row : rows) {
    CHECK(shell_word(row.text) == row.word);
    CHECK(is_printable(shell_word(row.text)));
  }
}

TEST_CASE("a path is never taken for a flag") {
  CHECK(shell_path("x.gguf") == "x.gguf");
  CHECK(shell_path("-x.gguf") == "./-x.gguf");
  CHECK(shell_path("--help") == "./--help");
  CHECK(shell_path("-x y.gguf") == "'./-x y.gguf'");
}

#if !defined(_WIN32)

namespace {

std::string printed_by(const std::string& shell, const std::string& word) {
  // popen starts another shell, so the quotes of the command are quoted once more, without shell_word.
  std::string quoted = "'";
  for (const char c : "printf %s " + word) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  FILE* const pipe = popen((shell + " -c " + quoted + "'").c_str(), "r");
  REQUIRE(pipe != nullptr);
  std::string output;
  for (int c; (c = std::fgetc(pipe)) != EOF;) output += static_cast<char>(c);
  CHECK(pclose(pipe) == 0);
  return output;
}

}  // namespace

// Some versions of sh do not know $'…'; bash does.
TEST_CASE("a shell reads a quoted word back unchanged") {
  for (const Row& row : rows) {
    CAPTURE(row.word);
    if (!row.word.starts_with("$'"))
      CHECK(printed_by("sh", row.word) == row.text);
    else if (std::filesystem::exists("/bin/bash"))
      CHECK(printed_by("/bin/bash", row.word) == row.text);
  }
}

#endif
