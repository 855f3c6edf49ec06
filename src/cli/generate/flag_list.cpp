#include <fmt/format.h>

#include <string>
#include <vector>

#include "cli/commands.hpp"
#include "cli/flags.hpp"
#include "cli/generate.hpp"
#include "cli/generate/flag_words.hpp"

namespace vramcalc::cli {
namespace {

// A bar would end a cell.
std::string cell(std::string_view text) {
  std::string result;
  for (const char c : text) result += c == '|' ? std::string("\\|") : std::string(1, c);
  return result;
}

std::string names_cell(const Flag& flag) {
  std::string text;
  for (const std::string_view name : names_of(flag.names))
    text += fmt::format("{}`{}`", text.empty() ? "" : ", ", name);
  if (!flag.value.empty()) text += fmt::format(" `{}`", cell(flag.value));
  return text;
}

std::string row(const Flag& flag) {
  return fmt::format("| {} | {} | {} |\n", names_cell(flag), cell(flag.help), commands_of(flag));
}

}  // namespace

std::string flag_list() {
  std::string text =
      "# Flags\n\n"
      "<!-- Printed by `vramcalc --generate flags`; a test compares. To change a flag, edit src/cli/flags/. "
      "-->\n";
  for (const Topic topic : topics()) {
    text += fmt::format("\n## {}\n\n| Flag | Meaning | For |\n|---|---|---|\n", title(topic));
    for (const FlagTable* table : flag_tables())
      if (table->topic == topic)
        for (const Flag& flag : table->flags) text += row(flag);
  }
  return text;
}

}  // namespace vramcalc::cli
