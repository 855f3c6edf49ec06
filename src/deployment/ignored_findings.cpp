#include <fmt/format.h>

#include <algorithm>

#include "deployment/finding_codes.hpp"
#include "model/letters.hpp"
#include "vramcalc/error.hpp"

namespace vramcalc::deployment {
namespace {

constexpr std::string_view blanks = " \t\r";

std::string_view take_word(std::string_view& text) {
  text = trimmed(text);
  const std::size_t end = std::min(text.find_first_of(blanks), text.size());
  const std::string_view word = text.substr(0, end);
  text.remove_prefix(end);
  return word;
}

[[noreturn]] void refuse(const Position& at, std::string_view what) {
  throw Error(ErrorCode::bad_value, fmt::format("{}:{}: {}", at.file, at.line, what));
}

bool is_date(std::string_view text) {
  constexpr std::string_view shape = "dddd-dd-dd";
  if (text.size() != shape.size()) return false;
  for (std::size_t i = 0; i < shape.size(); ++i)
    if (shape[i] == '-' ? text[i] != '-' : !is_digit(text[i])) return false;
  return true;
}

std::string_view checked_code(std::string_view code, const Position& at) {
  if (find_code(code) == nullptr) refuse(at, fmt::format("no finding has the code \"{}\"", code));
  return code;
}

// "CODE,CODE until=2027-01-01 reason"
std::vector<IgnoredFinding> parse(std::string_view text, const Position& at) {
  std::string_view codes = take_word(text);
  IgnoredFinding common{"", at, "", ""};
  std::string_view rest = text;
  const std::string_view next = take_word(rest);
  if (next.starts_with("until=")) {
    common.until = next.substr(6);
    if (!is_date(common.until)) refuse(at, fmt::format("\"{}\" is not a date (YYYY-MM-DD)", common.until));
    text = rest;
  }
  common.reason = trimmed(text);
  if (common.reason.empty()) refuse(at, "ignore= needs a reason after the codes");
  std::vector<IgnoredFinding> ignored;
  while (!codes.empty()) {
    const std::size_t comma = std::min(codes.find(','), codes.size());
    ignored.push_back(common);
    ignored.back().code = checked_code(codes.substr(0, comma), at);
    codes.remove_prefix(std::min(comma + 1, codes.size()));
  }
  return ignored;
}

constexpr std::string_view mark = "vramcalc ignore=";

}  // namespace

std::vector<IgnoredFinding> ignored_findings(const Input& input) {
  std::vector<IgnoredFinding> all;
  bool is_above = true;  // nothing but comments so far
  std::uint32_t number = 0;
  for (std::string_view rest = input.text; !rest.empty();) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    const std::string_view line = trimmed(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
    ++number;
    const bool is_comment = line.starts_with('#');
    const std::size_t comment = line.find('#');
    const std::size_t found = comment == line.npos ? line.npos : line.find(mark, comment);
    if (found != line.npos) {
      const Position at{input.name, number};
      for (IgnoredFinding& each : parse(line.substr(found + mark.size()), at)) {
        if (is_above && is_comment) each.at.line = 0;
        all.push_back(std::move(each));
      }
    }
    is_above = is_above && (line.empty() || is_comment || line == "---");
  }
  return all;
}

}  // namespace vramcalc::deployment
