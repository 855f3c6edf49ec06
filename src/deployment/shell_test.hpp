#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "deployment/text.hpp"

namespace vramcalc::deployment {

// What `[ … ]` or `[[ … ]]` says of its operands (POSIX test(1)); empty where it asks for files or for what
// is not known.
std::optional<bool> evaluate_test(std::span<const Text> operands);

}  // namespace vramcalc::deployment
