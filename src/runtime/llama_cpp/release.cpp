#include "runtime/llama_cpp/release.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "vramcalc/error.hpp"

namespace vramcalc::llama_cpp {
namespace {

// A build and a date without separators, of which a release names one.
struct Moment {
  std::uint32_t date = 0, build = 0;
};

// Flash attention has been "auto" since September 2025; older builds have other defaults. Rules newer than
// those of 0.5.0 (2026-09-28) are unknown.
constexpr Moment first_known{20250901, 6400}, last_known{20261031, 11500};

// Versions began with 0.1 in August 2026.
constexpr std::uint32_t first_minor = 1, last_minor = 5;

// A change of one rule. The day of a change has builds with and without it, as have the builds between the
// two that are known.
struct Change {
  Applies ReleaseRules::*rule;
  Applies before, after;
  std::uint32_t pull_request;
  std::uint32_t date;                      // of the merge
  std::uint32_t last_before, first_after;  // builds
  std::uint32_t last_minor_before = 0, first_minor_after = first_minor;
};

using enum Applies;

// clang-format off
constexpr std::array changes = {
    Change{&ReleaseRules::room_for_embeddings,   no,  yes, 18898, 20260120, 7700, 7900},
    Change{&ReleaseRules::f32_mask,              yes, no,  23764, 20260529, 9402, 9442},
    Change{&ReleaseRules::all_logits,            yes, no,  23861, 20260601, 9442, 9479},
    Change{&ReleaseRules::copies_cache_on_cuda,  no,  yes, 23907, 20260603, 9479, 9495},
    Change{&ReleaseRules::copies_cache_on_metal, no,  yes, 27390, 20260820, 9867, 11000, 0, 5},
};
// clang-format on

std::optional<std::uint32_t> number(std::string_view text) {
  std::uint32_t value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc() || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return value;
}

// The first and the last of the dates, builds or minor versions that a release may mean.
struct Span {
  std::uint32_t first = 0, last = 0;
};

// "2026-05-31", or "2026-05" for any of its days.
std::optional<Span> dates_in(std::string_view text) {
  if ((text.size() != 7 && text.size() != 10) || text[4] != '-') return std::nullopt;
  const bool has_day = text.size() == 10;
  const auto year = number(text.substr(0, 4)), month = number(text.substr(5, 2));
  const auto day = has_day ? number(text.substr(8, 2)) : std::optional(1u);
  if (!year || !month || !day || (has_day && text[7] != '-')) return std::nullopt;
  if (*month < 1 || *month > 12 || *day < 1 || *day > 31) return std::nullopt;
  const std::uint32_t first = *year * 10000 + *month * 100 + *day;
  return Span{first, has_day ? first : first + 30};
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

void require_known(const Span& asked, const Span& known, std::string_view release) {
  if (asked.first < known.first || asked.first > known.last) refuse(release);
}

// `without` is the last moment without the change and `with` the first one with it.
Applies applied(const Change& change, const Span& asked, std::uint32_t without, std::uint32_t with) {
  if (asked.first >= with) return change.after;
  return asked.last <= without ? change.before : unknown;
}

// Calls `rule_of` with every change.
template <class RuleOf>
ReleaseRules rules_by(const RuleOf& rule_of) {
  ReleaseRules rules;
  for (const Change& change : changes) rules.*change.rule = rule_of(change);
  return rules;
}

ReleaseRules rules_of_release(std::string_view release) {
  if (release.empty()) return {};
  if (const auto minor = minor_in(release)) {
    const Span asked{*minor, *minor};
    require_known(asked, {first_minor, last_minor}, release);
    return rules_by([&](const Change& change) {
      return applied(change, asked, change.last_minor_before, change.first_minor_after);
    });
  }
  if (const auto dates = dates_in(release)) {
    require_known(*dates, {first_known.date, last_known.date}, release);
    return rules_by(
        [&](const Change& change) { return applied(change, *dates, change.date - 1, change.date + 1); });
  }
  const auto build = release.starts_with('b') ? number(release.substr(1)) : std::nullopt;
  if (!build) refuse(release);
  require_known({*build, *build}, {first_known.build, last_known.build}, release);
  return release_rules(Builds{*build, *build});
}

// The rules when the first `count` changes have been made, but for those that are known.
ReleaseRules after(std::size_t count, const ReleaseRules& known) {
  ReleaseRules rules = known;
  for (std::size_t i = 0; i < changes.size(); ++i) {
    const Change& change = changes[i];
    if (known.*change.rule == unknown) rules.*change.rule = i < count ? change.after : change.before;
  }
  return rules;
}

}  // namespace

ReleaseRules release_rules(const Builds& builds) {
  return rules_by([&](const Change& change) {
    return applied(change, {builds.first, builds.last}, change.last_before, change.first_after);
  });
}

ReleaseRules release_rules(std::string_view release) { return rules_of_release(release); }

std::vector<ReleaseRules> possible_rules(const ReleaseRules& rules) {
  std::vector<ReleaseRules> possible;
  for (std::size_t count = 0; count <= changes.size(); ++count)
    if (const ReleaseRules now = after(count, rules); possible.empty() || possible.back() != now)
      possible.push_back(now);
  return possible;
}

}  // namespace vramcalc::llama_cpp
