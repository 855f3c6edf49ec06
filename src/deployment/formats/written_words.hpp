#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace vramcalc::deployment {

// The words of a command line, each as written: with its quotes, and ${…} and {{…}} in one piece.
std::vector<std::string_view> written_words(std::string_view text);
// A word without the quotes and backslashes outside of ${…}.
std::string unquoted(std::string_view word);

}  // namespace vramcalc::deployment
