#pragma once

#include <string_view>

namespace vramcalc::catalog {

// A program of data/programs/, as text: few runs ask about one.
struct ProgramText {
  std::string_view id;
  std::string_view json;
};

}  // namespace vramcalc::catalog
