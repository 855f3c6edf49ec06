#pragma once

#include <span>
#include <string_view>

#include "vramcalc/deployment.hpp"

namespace vramcalc::deployment {

struct FindingCode {
  std::string_view code;
  Severity severity;         // the usual one
  std::string_view meaning;  // a sentence for the documentation
};
// Sorted by code; docs/deployments.md shows them. Error (bad_value) is thrown for a code that is not among
// them.
std::span<const FindingCode> finding_codes();
const FindingCode* find_code(std::string_view code);

// A finding with the usual severity of its code.
Finding finding(std::string_view code, std::string message, Position at, std::string fix = "");

}  // namespace vramcalc::deployment
