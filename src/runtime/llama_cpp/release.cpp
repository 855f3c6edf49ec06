#include "runtime/llama_cpp/release.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <span>

#include "vramcalc/error.hpp"

namespace vramcalc::llama_cpp {
namespace {

// A date without separators, a build and a minor version, of which a release names one.
struct Moment {
  std::uint32_t date = 0, build = 0, minor = 0;
};

// Flash attention has been "auto" since September 2025; older builds have other defaults. The newest build
// that was looked at is b12211 (2026-11-08). Versions began with 0.1 in August 2026.
constexpr Moment first_known{20250901, 6400, 1}, last_known{20261130, 12300, 5};

// A change of one rule: the last moment that is surely without it, and the first that surely has it.
template <class Rules>
struct ChangeOf {
  Applies Rules::*rule;
  Applies before, after;
  std::uint32_t pull_request;
  Moment without, with;
};

using Change = ChangeOf<ReleaseRules>;
using DraftingChange = ChangeOf<DraftingRules>;
using enum Applies;

// The second: b9862 still said "draft model is specified but 'draft' speculative type is not explicitly
// enabled - enabling it", and pull request 26814 is about builds that do not.
// EAGLE-3 came after prediction layers and was merged by June 12 (pull request 24540 documents it), and
// DFlash (22105) by July 1.
// clang-format off
constexpr std::array drafting_changes = {
    DraftingChange{&DraftingRules::shares_draft_context, no,  yes, 22838, {20260507, 8990, 0}, {20260524, 9300,  1}},
    DraftingChange{&DraftingRules::has_heads,            no,  yes, 18039, {20260514, 9130, 0}, {20260703, 9862,  0}},
    DraftingChange{&DraftingRules::drafts_without_type,  yes, no,  0,     {20260703, 9862, 0}, {20260810, 10480, 1}},
};

constexpr std::array changes = {
    Change{&ReleaseRules::four_slots,              no,  yes, 16736, {20251101, 6900,  0}, {20251103, 6934,  1}},
    Change{&ReleaseRules::room_for_embeddings,     no,  yes, 18898, {20260122, 7790,  0}, {20260124, 7840,  1}},
    Change{&ReleaseRules::latent_values,           yes, no,  19067, {20260123, 7800,  0}, {20260128, 7880,  1}},
    Change{&ReleaseRules::fused_delta_rule,        no,  yes, 20340, {20260303, 8198,  0}, {20260314, 8400,  1}},
    Change{&ReleaseRules::rotates_heads,           no,  yes, 21038, {20260329, 8560,  0}, {20260409, 8740,  1}},
    Change{&ReleaseRules::late_rows_of_qwen35,     no,  yes, 22673, {20260514, 9130,  0}, {20260524, 9300,  1}},
    Change{&ReleaseRules::late_rows,               no,  yes, 22673, {20260514, 9130,  0}, {20260928, 11250, 5}},
    Change{&ReleaseRules::f32_mask,                yes, no,  23764, {20260528, 9409,  0}, {20260530, 9410,  1}},
    Change{&ReleaseRules::all_logits,              yes, no,  23861, {20260531, 9442,  0}, {20260602, 9479,  1}},
    Change{&ReleaseRules::copies_cache_on_cuda,    no,  yes, 23907, {20260602, 9479,  0}, {20260604, 9495,  1}},
    Change{&ReleaseRules::copies_cache_on_metal,   no,  yes, 27390, {20260819, 10480, 0}, {20260821, 10640, 3}},
    Change{&ReleaseRules::fuses_sum_of_experts,    no,  yes, 25952, {20260831, 10750, 3}, {20260902, 10751, 4}},
    Change{&ReleaseRules::fuses_choice_of_experts, no,  yes, 28432, {20260922, 11123, 4}, {20260924, 11124, 5}},
    Change{&ReleaseRules::mixed_inputs,            no,  yes, 0,     {20260928, 11200, 5}, {20261008, 11500, 6}},
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
          "0.{}.x to 0.{}.x, dates from 2025-09 to 2026-11",
          release, first_known.build, last_known.build, first_known.minor, last_known.minor));
}

template <class Rules>
Applies applied(const ChangeOf<Rules>& change, const Span& asked, std::uint32_t Moment::*unit) {
  if (asked.first >= change.with.*unit) return change.after;
  return asked.last <= change.without.*unit ? change.before : unknown;
}

// What a release names: the unit that it counts in, and the first and the last of them that it may mean.
struct Asked {
  std::uint32_t Moment::*unit;
  Span span;
};

Asked asked_for(std::string_view release) {
  if (const auto minor = minor_in(release))
    return {
        &Moment::minor, {*minor, *minor}
    };
  if (const auto dates = dates_in(release)) return {&Moment::date, *dates};
  const auto build = release.starts_with('b') ? number(release.substr(1)) : std::nullopt;
  if (!build) refuse(release);
  return {
      &Moment::build, {*build, *build}
  };
}

template <class Rules>
Rules rules_of(std::span<const ChangeOf<Rules>> of_rules, const Asked& asked, std::string_view release) {
  const auto unit = asked.unit;
  if (asked.span.first < first_known.*unit || asked.span.first > last_known.*unit) refuse(release);
  Rules rules;
  for (const ChangeOf<Rules>& change : of_rules) rules.*change.rule = applied(change, asked.span, unit);
  return rules;
}

template <class Rules>
Rules rules_of_release(std::span<const ChangeOf<Rules>> of_rules, std::string_view release) {
  return release.empty() ? Rules{} : rules_of(of_rules, asked_for(release), release);
}

template <class Rules>
Rules rules_of_builds(std::span<const ChangeOf<Rules>> of_rules, const Builds& builds) {
  return rules_of(of_rules,
                  {
                      &Moment::build, {builds.first, builds.last}
  },
                  "");
}

// Of no known release up to 0.5.0.
ReleaseRules any_rules() {
  ReleaseRules rules;
  for (const Change& change : changes)
    if (change.with.minor <= last_known.minor) rules.*change.rule = unknown;
  return rules;
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

ReleaseRules release_rules(const Builds& builds) { return rules_of_builds<ReleaseRules>(changes, builds); }

ReleaseRules release_rules(std::string_view release) {
  return rules_of_release<ReleaseRules>(changes, release);
}

DraftingRules drafting_rules(const Builds& builds) {
  return rules_of_builds<DraftingRules>(drafting_changes, builds);
}

DraftingRules drafting_rules(std::string_view release) {
  return rules_of_release<DraftingRules>(drafting_changes, release);
}

ReleaseRules rules_of_any_release() { return any_rules(); }

ReleaseRules with_logits(ReleaseRules rules, bool all) {
  if (all) rules.all_logits = yes;
  return rules;
}

std::vector<ReleaseRules> possible_rules(const ReleaseRules& rules) {
  std::vector<ReleaseRules> possible;
  for (std::size_t count = 0; count <= changes.size(); ++count)
    for (const Applies late : {no, yes}) {
      ReleaseRules now = after(count, rules);
      // It came to one architecture after another.
      if (rules.late_rows == unknown) now.late_rows = late;
      if (std::ranges::find(possible, now) == possible.end()) possible.push_back(now);
    }
  return possible;
}

}  // namespace vramcalc::llama_cpp
