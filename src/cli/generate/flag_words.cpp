#include "cli/generate/flag_words.hpp"

#include <fmt/format.h>

#include <vector>

#include "cli/commands.hpp"

namespace vramcalc::cli {

std::string commands_of(const Flag& flag) {
  if (flag.commands == every_command) return "all commands";
  std::vector<std::string_view> words;
  if ((flag.commands & only(Command::overview)) != 0) words.push_back("MODEL");
  for (const CommandName& name : commands())
    if ((flag.commands & only(name.command)) != 0) words.push_back(name.word);
  return fmt::format("{}", fmt::join(words, ", "));
}

}  // namespace vramcalc::cli
