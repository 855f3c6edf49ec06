#include "cli/generate.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

#include "catch.hpp"
#include "cli/commands.hpp"
#include "cli/flags.hpp"
#include "cli/help.hpp"

using namespace vramcalc::cli;

namespace {

std::string file(const std::string& path) {
  std::ifstream stream(VRAMCALC_SOURCE_DIR "/" + path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

std::string without_escapes(std::string text) {
  std::erase(text, '\\');
  return text;
}

}  // namespace

TEST_CASE("docs/flags.md is what the table of flags prints") {
  INFO("vramcalc --generate flags > docs/flags.md");
  CHECK(file("docs/flags.md") == flag_list());
}

TEST_CASE("help, man page and list have every flag") {
  const std::string man = without_escapes(man_page()), list = flag_list(), help = long_help();
  for (const FlagTable* table : flag_tables())
    for (const Flag& flag : table->flags)
      for (const std::string_view name : names_of(flag.names)) {
        INFO(name);
        CHECK(man.find(name) != man.npos);
        CHECK(list.find(name) != list.npos);
        CHECK(help.find(name) != help.npos);
      }
}

TEST_CASE("help and man page have every command") {
  const std::string man = without_escapes(man_page()), help = long_help();
  for (const CommandName& name : commands()) {
    INFO(name.word);
    CHECK(man.find(name.word) != man.npos);
    CHECK(help.find(name.word) != help.npos);
  }
}

TEST_CASE("the man page is ASCII, and no line of text is taken for a macro") {
  const std::string man = man_page();
  const std::string_view macros[] = {".TH ",  ".SH ",  ".SS ",  ".TP\n", ".PP\n",
                                     ".br\n", ".nf\n", ".fi\n", ".\\\""};
  for (std::size_t line = 0; line < man.size(); line = man.find('\n', line) + 1) {
    const std::string_view text = std::string_view(man).substr(line);
    if (text[0] != '.' && text[0] != '\'') continue;
    INFO(text.substr(0, text.find('\n')));
    CHECK(std::ranges::any_of(macros, [&](std::string_view macro) { return text.starts_with(macro); }));
  }
  CHECK(std::ranges::none_of(man, [](char c) { return static_cast<unsigned char>(c) >= 0x80; }));
}

TEST_CASE("every kind of generated text ends in a newline") {
  for (const Generated& each : generated()) {
    INFO(each.id);
    CHECK(each.text().ends_with('\n'));
  }
}
