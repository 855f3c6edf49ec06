#pragma once

#include <string>

#include "cli/flags.hpp"

namespace vramcalc::cli {

// "check, plan" for a flag of these commands; "all commands". The command without a word is "MODEL".
std::string commands_of(const Flag& flag);

}  // namespace vramcalc::cli
