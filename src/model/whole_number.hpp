#pragma once

#include <charconv>
#include <optional>
#include <string_view>

namespace vramcalc {

// Digits and nothing else; empty if the number does not fit in its type.
template <typename Number>
std::optional<Number> whole_number(std::string_view digits) {
  Number number = 0;
  const char* const last = digits.data() + digits.size();
  const auto [end, failure] = std::from_chars(digits.data(), last, number);
  return failure == std::errc() && end == last ? std::optional(number) : std::nullopt;
}

}  // namespace vramcalc
