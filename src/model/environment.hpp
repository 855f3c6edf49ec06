#pragma once

#include <cstdlib>
#include <string>

namespace vramcalc {

// Empty where the variable is not set. Nothing writes the environment while a program of ours runs.
inline std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

}  // namespace vramcalc
