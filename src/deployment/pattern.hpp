#pragma once

#include <string_view>

namespace vramcalc::deployment {

// Whether a shell's pattern (`*`, `?`, `[a-z]`) matches all of a text.
bool matches_pattern(std::string_view pattern, std::string_view text);

}  // namespace vramcalc::deployment
