#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

namespace vramcalc::deployment {

using NumberOf = std::function<std::optional<std::int64_t>(std::string_view variable)>;

// What a shell's $((…)) gives: integers, variables, + - * / % and parentheses. Empty for anything else, for a
// variable that has no value, and beyond 64 bits.
std::optional<std::int64_t> evaluate_arithmetic(std::string_view expression, const NumberOf& number_of);

}  // namespace vramcalc::deployment
