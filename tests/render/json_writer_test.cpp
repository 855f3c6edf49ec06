#include "render/json_writer.hpp"

#include <nlohmann/json.hpp>

#include "catch.hpp"

using vramcalc::render::JsonWriter;

namespace {

std::string written(std::string_view text) {
  JsonWriter to;
  to.object([&] { to.member("a", text); });
  return std::move(to).take();
}

}  // namespace

TEST_CASE("objects and arrays are indented, empty ones on one line") {
  JsonWriter to;
  to.object([&] {
    to.member("text", "x");
    to.member("number", std::uint64_t{18446744073709551615u});
    to.member("real", 4.8);
    to.member("yes", true);
    to.member("unknown", std::optional<double>());
    to.object("object", [&] { to.member("one", 1); });
    to.object("empty", [] {});
    to.texts("texts", std::vector<std::string>{"a", "b"});
    to.texts("none", std::vector<std::string>{});
    to.objects("rows", std::vector<int>{1, 2}, [&](int row) { to.member("row", row); });
  });
  CHECK(std::move(to).take() ==
        "{\n"
        "  \"text\": \"x\",\n"
        "  \"number\": 18446744073709551615,\n"
        "  \"real\": 4.8,\n"
        "  \"yes\": true,\n"
        "  \"unknown\": null,\n"
        "  \"object\": {\n"
        "    \"one\": 1\n"
        "  },\n"
        "  \"empty\": {},\n"
        "  \"texts\": [\n"
        "    \"a\",\n"
        "    \"b\"\n"
        "  ],\n"
        "  \"none\": [],\n"
        "  \"rows\": [\n"
        "    {\n"
        "      \"row\": 1\n"
        "    },\n"
        "    {\n"
        "      \"row\": 2\n"
        "    }\n"
        "  ]\n"
        "}\n");
}

TEST_CASE("strings survive a round trip, whatever they contain") {
  std::string controls;
  for (char c = 1; c < 0x20; ++c) controls += c;
  for (const std::string& text :
       {std::string(), std::string("plain"), std::string("\"quoted\\\""), controls, std::string("\x7f"),
        std::string("Ä · … 𝄞 \xED\x9F\xBF \xEF\xBF\xBF \xF4\x8F\xBF\xBF"), std::string("nul\0nul", 7)}) {
    CAPTURE(text);
    CHECK(nlohmann::json::parse(written(text))["a"] == text);
  }
}

TEST_CASE("unprintable characters are escaped") {
  struct Row {
    std::string text, written;
  };
  const Row rows[] = {
      {"\x1b[31m\r\n\t",    R"(\u001b[31m\u000d\n\t)"},
      {"\x7f\xc2\x9b",      R"(\u007f\u009b)"        },
      {"\xe2\x80\xae",      R"(\u202e)"              },
      {"\xe2\x80\x8b",      R"(\u200b)"              },
      {"\xf3\xa0\x81\x81",  R"(\udb40\udc41)"        },
      {"\"\\",              R"(\"\\)"                },
      {"ä · 你好 𝄞", "ä · 你好 𝄞"      },
  };
  for (const Row& row : rows) {
    CHECK(written(row.text) == "{\n  \"a\": \"" + row.written + "\"\n}\n");
    CHECK(nlohmann::json::parse(written(row.text))["a"] == row.text);
  }
}

TEST_CASE("invalid UTF-8 is replaced as by another JSON writer") {
  for (const char* text : {"caf\xe9", "\x80", "\xC0\x80", "\xE0\x80\x80", "\xED\xA0\x80", "\xF5\x80\x80\x80",
                           "\xF4\x90\x80\x80", "\xC3", "\xE2\x82"}) {
    const nlohmann::json parsed = nlohmann::json::parse(written(text));
    CHECK(parsed["a"].get<std::string>().find("\xEF\xBF\xBD") != std::string::npos);
  }
}
