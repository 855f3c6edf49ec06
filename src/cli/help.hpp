#pragma once

#include <string>
#include <string_view>

namespace vramcalc::cli {

std::string short_help();  // one screen
std::string long_help();

// ---- what the man page has too
std::string_view summary();         // a sentence
std::string_view words_of_usage();  // MODEL and HARDWARE
std::string_view examples();        // command lines, indented
std::string_view remarks();
std::string_view exit_status();

}  // namespace vramcalc::cli
