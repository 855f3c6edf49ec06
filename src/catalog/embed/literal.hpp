#pragma once

#include <string>
#include <string_view>

namespace vramcalc::catalog::embed {

// Any bytes as a string literal of C++.
std::string literal(std::string_view bytes);

}  // namespace vramcalc::catalog::embed
