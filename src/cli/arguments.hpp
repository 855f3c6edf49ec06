#pragma once

#include <string>
#include <vector>

#include "cli/invocation.hpp"

namespace vramcalc::cli {

using Arguments = std::vector<std::string>;  // without the program's own name

// Error (usage, bad_value) if the command line cannot be parsed.
Invocation parse(const Arguments& arguments);

// Whether the answer must be JSON, known before the line is parsed because errors are JSON then too.
bool asks_for_json(const Arguments& arguments);

}  // namespace vramcalc::cli
