#pragma once

#include <string>
#include <string_view>

namespace vramcalc {

// Text from a stranger, fit for one line on a terminal: control characters, the ends of lines and what is not
// UTF-8 become \xNN, and beyond `limit` bytes it is cut with "...".
std::string printable(std::string_view text, std::size_t limit = 4096);

// The same in double quotes and short, for names inside a message.
std::string in_quotes(std::string_view text);

}  // namespace vramcalc
