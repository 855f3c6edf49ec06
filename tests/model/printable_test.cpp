#include "model/printable.hpp"

#include "catch.hpp"

using namespace vramcalc;

namespace {

std::string utf8(std::uint32_t code) {
  const auto byte = [](std::uint32_t bits) { return static_cast<char>(bits); };
  if (code < 0x80) return {byte(code)};
  if (code < 0x800) return {byte(0xc0 | code >> 6), byte(0x80 | (code & 0x3f))};
  if (code < 0x10000)
    return {byte(0xe0 | code >> 12), byte(0x80 | (code >> 6 & 0x3f)), byte(0x80 | (code & 0x3f))};
  return {byte(0xf0 | code >> 18), byte(0x80 | (code >> 12 & 0x3f)), byte(0x80 | (code >> 6 & 0x3f)),
          byte(0x80 | (code & 0x3f))};
}

}  // namespace

TEST_CASE("printable text is kept and other bytes are escaped") {
  struct Row {
    std::string text, shown;
  };
  const Row rows[] = {
      {"",                              ""                             },
      {"plain ~ \\ text",               "plain ~ \\ text"              },
      {"naïve – 你好 𝄞 …█", "naïve – 你好 𝄞 …█"},
      {"\x1b[31mred\x1b[0m",            "\\x1b[31mred\\x1b[0m"         },
      {"two\nlines\r\t\b",              "two\\x0alines\\x0d\\x09\\x08" },
      {std::string("nul\0nul",          7),                              "nul\\x00nul"},
      {"\x7f",                               "\\x7f"                                                        },
      {"C1 \xc2\x9b\x31m",                               "C1 \\xc2\\x9b1m"},
      {"\xe2\x80\xaegpj.exe",                               "\\xe2\\x80\\xaegpj.exe"                                                     }, // U+202E
      {"zero\xe2\x80\x8bwidth",                               "zero\\xe2\\x80\\x8bwidth"},
      {"tag \xf3\xa0\x81\x81",                               "tag \\xf3\\xa0\\x81\\x81"                                                      }, // U+E0041
      {"no UTF-8 \xff\xfe \xc3( \xed\xa0\x80",                               "no UTF-8 \\xff\\xfe \\xc3( \\xed\\xa0\\x80"},
      {"cut off \xe2\x82",                               "cut off \\xe2\\x82"                                                                          },
  };
  for (const Row& row : rows) {
    CHECK(printable(row.text) == row.shown);
    CHECK(is_printable(row.text) == (row.text == row.shown));
  }
}

TEST_CASE("characters that control a terminal or the text direction are not printed") {
  struct Row {
    std::uint32_t first, last;
    const char* what;
  };
  const Row rows[] = {
      {0x00,    0x1f,    "C0 controls"               },
      {0x7f,    0x9f,    "DEL and C1 controls"       },
      {0xad,    0xad,    "soft hyphen"               },
      {0x61c,   0x61c,   "Arabic letter mark"        },
      {0x180e,  0x180e,  "Mongolian vowel separator" },
      {0x200b,  0x200f,  "zero width, LRM and RLM"   },
      {0x2028,  0x2029,  "line and paragraph ends"   },
      {0x202a,  0x202e,  "embeddings and overrides"  },
      {0x2060,  0x2064,  "word joiner and invisibles"},
      {0x2066,  0x2069,  "isolates"                  },
      {0x206a,  0x206f,  "deprecated formats"        },
      {0x3164,  0x3164,  "Hangul filler"             },
      {0xfe00,  0xfe0f,  "variation selectors"       },
      {0xfeff,  0xfeff,  "byte order mark"           },
      {0xfff9,  0xfffb,  "interlinear annotation"    },
      {0xe0001, 0xe007f, "tags"                      },
  };
  for (const Row& row : rows)
    for (std::uint32_t code = row.first; code <= row.last; ++code) {
      CAPTURE(row.what, code);
      CHECK_FALSE(is_printable(code));
      CHECK_FALSE(is_printable(utf8(code)));
    }
  for (const std::uint32_t code : {0x20u, 0x7eu, 0xa0u, 0xb7u, 0xe4u, 0x2026u, 0x2588u, 0x4f60u, 0x1f600u}) {
    CAPTURE(code);
    CHECK(is_printable(code));
    CHECK(is_printable(utf8(code)));
  }
}

TEST_CASE("a long text is cut, but never inside a character") {
  CHECK(printable("abcdef", 4) == "abcd...");
  CHECK(printable("äöü", 3) == "äö...");
  CHECK(in_quotes(std::string(100, 'x')) == "\"" + std::string(80, 'x') + "...\"");
}
