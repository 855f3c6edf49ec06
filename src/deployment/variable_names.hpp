#pragma once

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>

#include "model/letters.hpp"

// Names of variables, and small readers of text that shells and units share.
namespace vramcalc::deployment {

inline bool is_name_start(char c) { return is_letter(c) || c == '_'; }
inline bool is_name_character(char c) { return is_name_start(c) || is_digit(c); }

inline bool is_name(std::string_view text) {
  return !text.empty() && is_name_start(text[0]) && std::ranges::all_of(text, is_name_character);
}

// NAME=…
inline bool is_assignment(std::string_view word) {
  return word.find('=') != word.npos && is_name(word.substr(0, word.find('=')));
}

inline std::optional<std::int64_t> integer_of(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace vramcalc::deployment
