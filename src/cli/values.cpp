#include "cli/values.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

#include "vramcalc/bytes.hpp"
#include "vramcalc/error.hpp"

namespace vramcalc::cli {
namespace {

// What llama.cpp takes for -ctk and -ctv (0.5.0, common/arg.cpp).
constexpr std::array cache_types = {ElementType::f32,    ElementType::f16,  ElementType::bf16,
                                    ElementType::q8_0,   ElementType::q4_0, ElementType::q4_1,
                                    ElementType::iq4_nl, ElementType::q5_0, ElementType::q5_1};

[[noreturn]] void refuse(std::string_view flag, std::string_view value, std::string_view what_would_do) {
  throw Error(ErrorCode::bad_value, fmt::format("\"{}\" is no value for {}: {}", value, flag, what_would_do));
}

char lower(char letter) {
  return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

bool same_word(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

std::optional<std::uint64_t> whole_number(std::string_view digits) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return number;
}

std::string listed(const std::vector<std::string_view>& words) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) text += i + 1 == words.size() ? " or " : ", ";
    text += words[i];
  }
  return text;
}

std::uint64_t thousands(char suffix) {
  return lower(suffix) == 'k' ? 1024 : lower(suffix) == 'm' ? 1024 * 1024 : 1;
}

}  // namespace

std::optional<std::uint64_t> parse_context(std::string_view flag, const std::string& value) {
  constexpr std::string_view usage =
      "a number of tokens such as 8192, 32K or 1M, or max for all that the model takes";
  if (same_word(value, "max")) return std::nullopt;
  std::string_view digits = value;
  const std::uint64_t factor = digits.empty() ? 1 : thousands(digits.back());
  if (factor > 1) digits.remove_suffix(1);
  const auto number = whole_number(digits);
  if (!number || *number == 0 || *number > UINT64_MAX / factor) refuse(flag, value, usage);
  return *number * factor;
}

std::uint32_t parse_count(std::string_view flag, const std::string& value) {
  const auto number = whole_number(value);
  if (!number || *number == 0 || *number > UINT32_MAX) refuse(flag, value, "a whole number from 1");
  return static_cast<std::uint32_t>(*number);
}

std::optional<std::uint32_t> parse_slots(std::string_view flag, const std::string& value) {
  if (value == "-1") return std::nullopt;
  return parse_count(flag, value);
}

std::size_t parse_word(std::string_view flag, const std::string& value,
                       const std::vector<std::string_view>& words) {
  const auto found =
      std::find_if(words.begin(), words.end(), [&](std::string_view word) { return same_word(word, value); });
  if (found == words.end()) refuse(flag, value, listed(words));
  return static_cast<std::size_t>(found - words.begin());
}

ElementType parse_cache_type(std::string_view flag, const std::string& value) {
  std::vector<std::string_view> names;
  for (const ElementType type : cache_types) names.push_back(to_string(type));
  return cache_types[parse_word(flag, value, names)];
}

FlashAttention parse_flash_attention(std::string_view flag, const std::string& value) {
  constexpr std::array modes = {FlashAttention::on, FlashAttention::off, FlashAttention::automatic};
  return modes[parse_word(flag, value, {"on", "off", "auto"})];
}

render::Units parse_units(std::string_view flag, const std::string& value) {
  constexpr std::array units = {render::Units::GB, render::Units::GiB, render::Units::MiB};
  return units[parse_word(flag, value, {"GB", "GiB", "MiB"})];
}

}  // namespace vramcalc::cli
