#include "runtime/llama_cpp/release.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "vramcalc/error.hpp"

namespace vramcalc::llama_cpp {
namespace {

// When a change happened, as a date without separators and as a build.
struct Moment {
  std::uint32_t date = 0, build = 0;
};

// Flash attention has been "auto" since September 2025; older builds have other defaults. Pull request 23861,
// with which llama-server reserves only the rows that it needs, was merged on 2026-06-01 (b9360 is from May
// 28). Versions began with 0.1 in August 2026; rules newer than those of 0.5.0 (2026-09-28) are unknown.
constexpr Moment first_known{20250901, 6400}, rows_as_needed{20260602, 9450}, last_known{20261031, 11500};
constexpr std::uint32_t first_minor = 1, last_minor = 5;

std::optional<std::uint32_t> number(std::string_view text) {
  std::uint32_t value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc() || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return value;
}

// "2026-05-31", "2026-05" (its first day).
std::optional<std::uint32_t> date_in(std::string_view text) {
  if ((text.size() != 7 && text.size() != 10) || text[4] != '-') return std::nullopt;
  const auto year = number(text.substr(0, 4)), month = number(text.substr(5, 2));
  const auto day = text.size() == 10 && text[7] == '-' ? number(text.substr(8, 2)) : std::optional(1u);
  if (!year || !month || !day || (text.size() == 10 && text[7] != '-')) return std::nullopt;
  if (*month < 1 || *month > 12 || *day < 1 || *day > 31) return std::nullopt;
  return *year * 10000 + *month * 100 + *day;
}

// "0.4.2", "0.4.x", "0.4", "v0.4.2": the number in the middle.
std::optional<std::uint32_t> minor_in(std::string_view text) {
  if (text.starts_with('v')) text.remove_prefix(1);
  if (!text.starts_with("0.")) return std::nullopt;
  text.remove_prefix(2);
  const std::size_t dot = std::min(text.find('.'), text.size());
  if (dot < text.size() && text.substr(dot + 1) != "x" && !number(text.substr(dot + 1))) return std::nullopt;
  return number(text.substr(0, dot));
}

[[noreturn]] void refuse(std::string_view release) {
  throw Error(
      ErrorCode::bad_value,
      fmt::format(
          "--runtime: the rules of llama.cpp \"{}\" are not known; known: builds b{} to b{}, versions "
          "0.{}.x to 0.{}.x, dates from 2025-09 to 2026-10",
          release, first_known.build, last_known.build, first_minor, last_minor));
}

bool is_before(std::uint32_t value, std::uint32_t first, std::uint32_t border, std::uint32_t last,
               std::string_view release) {
  if (value < first || value > last) refuse(release);
  return value < border;
}

bool is_older(std::string_view release) {
  if (release.empty()) return false;
  if (const auto minor = minor_in(release)) {
    if (*minor < first_minor || *minor > last_minor) refuse(release);
    return false;
  }
  if (const auto date = date_in(release))
    return is_before(*date, first_known.date, rows_as_needed.date, last_known.date, release);
  const auto build = release.starts_with('b') ? number(release.substr(1)) : std::nullopt;
  if (!build) refuse(release);
  return is_before(*build, first_known.build, rows_as_needed.build, last_known.build, release);
}

}  // namespace

bool reserves_all_logits(std::string_view release) { return is_older(release); }

}  // namespace vramcalc::llama_cpp
