#pragma once

#include <string>

namespace vramcalc::cli {

std::string short_help();  // one screen
std::string long_help();

}  // namespace vramcalc::cli
