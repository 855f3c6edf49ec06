#include "deployment/value_grammar.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <nlohmann/json.hpp>

#include "catalog/json_document.hpp"
#include "model/letters.hpp"
#include "vramcalc/error.hpp"

namespace vramcalc::deployment {
namespace {

constexpr std::string_view spaces = " \t\n\r\v\f";
constexpr std::string_view digits = "0123456789";

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(spaces);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(spaces) - first + 1);
}

template <typename Number>
std::optional<Number> whole_number(std::string_view text) {
  Number value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// "0032" is 32.
std::string without_zeros(std::string_view number) {
  const bool negative = number.starts_with('-');
  if (negative) number.remove_prefix(1);
  number.remove_prefix(std::min(number.find_first_not_of('0'), number.size()));
  if (number.empty()) return "0";
  return (negative ? "-" : "") + std::string(number);
}

// Python's int(): spaces around, a sign, single underscores between digits. Empty for what is no integer.
std::optional<std::string> python_integer(std::string_view text) {
  text = trimmed(text);
  std::string number;
  if (text.starts_with('-')) number = "-";
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  if (text.empty() || !is_digit(text.front()) || !is_digit(text.back())) return std::nullopt;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (is_digit(text[i]))
      number += text[i];
    else if (text[i] != '_' || text[i - 1] == '_')
      return std::nullopt;
  }
  return without_zeros(number);
}

ReadValue refused(std::string wanted, std::string fix = "") {
  return {std::nullopt, std::move(wanted), "", std::move(fix)};
}
ReadValue plain(std::string value) { return {std::move(value), "", "", ""}; }

ReadValue read_integer(std::string_view text) {
  if (auto number = python_integer(text)) return plain(*std::move(number));
  return refused("an integer");
}

// A number at the beginning, after spaces and a sign, as std::stoi and std::stof see it.
std::string_view leading(std::string_view text, std::string_view characters) {
  text.remove_prefix(std::min(text.find_first_not_of(spaces), text.size()));
  const std::size_t sign = text.starts_with('-') || text.starts_with('+') ? 1 : 0;
  const std::size_t end = text.find_first_not_of(characters, sign);
  return text.substr(0, std::min(end, text.size()));
}

ReadValue read_leading_integer(std::string_view text) {
  std::string_view number = leading(text, digits);
  const bool whole = number.data() + number.size() == text.data() + text.size();
  if (number.starts_with('+')) number.remove_prefix(1);
  const auto value = whole_number<std::int32_t>(number);
  if (!value) return refused("an integer");
  ReadValue read = plain(std::to_string(*value));
  if (whole) return read;
  read.surprise = fmt::format("is {}: what follows the digits is not read", *value);
  read.fix = "Write the number in digits";
  return read;
}

std::optional<double> parse_double(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  return whole_number<double>(text);
}

ReadValue read_leading_number(std::string_view text) {
  std::string_view number = leading(text, "0123456789.eE-+");
  while (!number.empty() && !parse_double(number)) number.remove_suffix(1);
  if (number.empty()) return refused("a number");
  ReadValue read = plain(std::string(number));
  if (number.data() + number.size() == text.data() + text.size()) return read;
  read.surprise = fmt::format("is {}: what follows the number is not read", number);
  read.fix = "Write the number in digits";
  return read;
}

ReadValue read_number(std::string_view text) {
  std::string number(trimmed(text));
  if (parse_double(number)) return plain(std::move(number));
  std::erase(number, '_');
  if (parse_double(number)) return plain(std::move(number));
  return refused("a number");
}

struct Suffix {
  char letter;
  int power;
  bool binary;
};
constexpr std::array suffixes = {
    Suffix{'k', 1, false},
    Suffix{'m', 2, false},
    Suffix{'g', 3, false},
    Suffix{'t', 4, false},
    Suffix{'K', 1, true },
    Suffix{'M', 2, true },
    Suffix{'G', 3, true },
    Suffix{'T', 4, true },
};

const Suffix* suffix_of(std::string_view text) {
  const auto found =
      text.empty() ? suffixes.end() : std::ranges::find(suffixes, text.back(), &Suffix::letter);
  return found == suffixes.end() ? nullptr : &*found;
}

double scale_of(const Suffix& suffix) { return std::pow(suffix.binary ? 1024. : 1000., suffix.power); }

// Digits with at most one point between them.
bool is_unsigned_decimal(std::string_view text) {
  const std::size_t point = text.find('.');
  const std::string_view whole = text.substr(0, point);
  const std::string_view rest = point == std::string_view::npos ? "0" : text.substr(point + 1);
  const auto all_digits = [](std::string_view part) {
    return !part.empty() && part.find_first_not_of(digits) == std::string_view::npos;
  };
  return all_digits(whole) && all_digits(rest);
}

std::optional<std::string> scaled(std::string_view number, const Suffix& suffix) {
  if (!is_unsigned_decimal(number)) return std::nullopt;
  if (suffix.binary && number.find('.') != std::string_view::npos) return std::nullopt;
  const auto value = whole_number<double>(number);
  const double result = value ? *value * scale_of(suffix) : 0;
  if (!value || result >= 9e18) return std::nullopt;
  return std::to_string(static_cast<std::int64_t>(result));
}

ReadValue read_human_integer(std::string_view text) {
  const std::string_view number = trimmed(text);
  const auto value = human_integer(number);
  const Suffix* suffix = suffix_of(number);
  if (!value && suffix != nullptr && suffix->binary)
    return refused("no fraction before a binary suffix", "Write the number in digits");
  if (!value) return refused("an integer such as 32768, 32K (32,768) or 32k (32,000)");
  ReadValue read = plain(*value);
  if (suffix == nullptr || suffix->binary) return read;
  const char upper = static_cast<char>(suffix->letter - 'a' + 'A');
  read.surprise = fmt::format("is {}: small letters are powers of 1000", *value);
  read.fix = fmt::format("Write {} for powers of 1024, or the number in digits", upper);
  return read;
}

ReadValue read_json(std::string_view text) {
  if (auto value = minified(text)) return plain(*std::move(value));
  return refused("JSON");
}

// Ollama, envconfig/config.go: what strconv.ParseBool cannot read is true.
ReadValue read_boolean(std::string_view text) {
  constexpr std::array<std::string_view, 6> yes = {"1", "t", "T", "TRUE", "true", "True"};
  constexpr std::array<std::string_view, 6> no = {"0", "f", "F", "FALSE", "false", "False"};
  if (std::ranges::find(no, text) != no.end()) return plain("false");
  ReadValue read = plain("true");
  if (std::ranges::find(yes, text) != yes.end()) return read;
  read.surprise = "is true: only 0 and false are false";
  read.fix = "Write true or false";
  return read;
}

ReadValue read_unsigned_integer(std::string_view text) {
  const auto value = whole_number<std::uint64_t>(text);
  return value ? plain(std::to_string(*value)) : refused("an integer");
}

ReadValue read_text(const ProgramFlag& flag, std::string_view text) {
  if (!flag.choices.empty() && std::ranges::find(flag.choices, text) == flag.choices.end())
    return refused(fmt::format("one of {}", fmt::join(flag.choices, ", ")));
  if (text.starts_with('{'))
    if (auto value = minified(text)) return plain(*std::move(value));
  return plain(std::string(text));
}

}  // namespace

std::optional<std::string> minified(std::string_view json) {
  try {
    return catalog::parse_json(json, "").dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  } catch (const Error&) {
    return std::nullopt;
  }
}

std::optional<std::string> human_integer(std::string_view text) {
  text = trimmed(text);
  const Suffix* suffix = suffix_of(text);
  return suffix == nullptr ? python_integer(text) : scaled(text.substr(0, text.size() - 1), *suffix);
}

bool is_truthy(std::string_view text) {
  return text == "on" || text == "enabled" || text == "true" || text == "1";
}
bool is_falsey(std::string_view text) {
  return text == "off" || text == "disabled" || text == "false" || text == "0";
}

ReadValue read_value(const ProgramFlag& flag, std::string_view text) {
  const bool numeric = flag.grammar != Grammar::text && !flag.choices.empty();
  if (numeric && std::ranges::find(flag.choices, text) != flag.choices.end()) return plain(std::string(text));
  switch (flag.grammar) {
    case Grammar::leading_integer: return read_leading_integer(text);
    case Grammar::leading_number: return read_leading_number(text);
    case Grammar::integer: return read_integer(text);
    case Grammar::number: return read_number(text);
    case Grammar::human_integer: return read_human_integer(text);
    case Grammar::json: return read_json(text);
    case Grammar::boolean: return read_boolean(text);
    case Grammar::unsigned_integer: return read_unsigned_integer(text);
    case Grammar::text: break;
  }
  return read_text(flag, text);
}

}  // namespace vramcalc::deployment
