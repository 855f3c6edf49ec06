#pragma once

#include <string>

#include "cli/arguments.hpp"

namespace vramcalc::cli {

// `vramcalc complete WORDS...` is what the completion scripts of shells ask: they know no words themselves,
// and so cannot differ from the program.
inline constexpr std::string_view complete_command = "complete";

// What may stand in place of the last word, after the others: a line for each, and a description after a tab.
// Nothing where a file or a number belongs. Never throws: a line that is being typed is mostly wrong.
std::string completions(const Arguments& words);

}  // namespace vramcalc::cli
