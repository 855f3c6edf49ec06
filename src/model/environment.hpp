#pragma once

#include <cstdlib>
#include <string>

namespace vramcalc {

// Empty if the variable is not set. The program never changes its environment.
inline std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

}  // namespace vramcalc
