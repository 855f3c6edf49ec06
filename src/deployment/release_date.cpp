#include "deployment/release_date.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <compare>
#include <optional>

namespace vramcalc::deployment {
namespace {

using std::chrono::days;
using std::chrono::sys_days;

// The newest, under the tags of images.
constexpr std::array<std::string_view, 8> newest = {"",    "latest", "nightly",     "main",
                                                    "dev", "master", "server-cuda", "server"};

constexpr sys_days the_past = sys_days(std::chrono::year(1970) / 1 / 1);
constexpr sys_days the_future = sys_days(std::chrono::year(9999) / 1 / 1);

// "v0.10.1.1" is 0, 10, 1; "b7000" is older than all versions.
struct Number {
  std::array<std::uint32_t, 3> parts = {};
  friend auto operator<=>(const Number&, const Number&) = default;
};

std::optional<std::uint32_t> leading_number(std::string_view& text) {
  std::uint32_t value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc()) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return value;
}

// The number of a tag such as "server-cuda-b7000".
std::optional<std::uint32_t> build_in(std::string_view text) {
  for (std::size_t at = text.find('b'); at != std::string_view::npos; at = text.find('b', at + 1)) {
    std::string_view rest = text.substr(at + 1);
    const bool begins_word = at == 0 || text[at - 1] == '-';
    const auto number = begins_word ? leading_number(rest) : std::nullopt;
    if (number && *number >= 1000 && (rest.empty() || rest.front() == '-')) return number;
  }
  return std::nullopt;
}

std::optional<Number> version_in(std::string_view text) {
  const std::size_t digit = text.find_first_of("0123456789");
  if (digit == std::string_view::npos) return std::nullopt;
  text.remove_prefix(digit);
  Number number;
  for (std::size_t i = 0; i < number.parts.size(); ++i) {
    const auto part = leading_number(text);
    if (!part) break;
    number.parts[i] = *part;
    if (!text.starts_with('.')) return i == 0 ? std::nullopt : std::optional(number);
    text.remove_prefix(1);
  }
  return number;
}

std::optional<Number> number_of(std::string_view release) {
  if (const auto build = build_in(release))
    return Number{
        {0, 0, *build}
    };
  return version_in(release);
}

// Data are read strictly, so this is a date.
sys_days day_of(std::string_view date) {
  const auto part = [&](std::size_t at, std::size_t length) {
    std::string_view digits = date.substr(at, length);
    return leading_number(digits).value_or(1);
  };
  return sys_days(std::chrono::year(static_cast<int>(part(0, 4))) / std::chrono::month(part(5, 2)) /
                  std::chrono::day(part(8, 2)));
}

struct Period {
  sys_days first, last;
};

// Within which a release was made.
Period period_of(const Program& program, std::string_view release) {
  if (is_newest(release)) return {the_future, the_future};
  Period period{the_past, the_future};
  const auto number = number_of(release);
  if (!number) return period;
  for (const auto& known : program.releases) {
    const auto of_known = number_of(known.release);
    if (!of_known) continue;
    if (*of_known <= *number) period.first = std::max(period.first, day_of(known.date));
    if (*of_known >= *number) period.last = std::min(period.last, day_of(known.date));
  }
  return period;
}

sys_days first_without(const ProgramFlag& flag, const Program& program) {
  const auto next = std::ranges::upper_bound(program.samples, flag.until);
  return next == program.samples.end() ? the_future : day_of(*next);
}

// The last sample before the flag came.
sys_days last_without(const ProgramFlag& flag, const Program& program) {
  const auto first = std::ranges::lower_bound(program.samples, flag.since);
  return first == program.samples.begin() ? the_past : day_of(*std::prev(first));
}

}  // namespace

bool is_newest(std::string_view release) { return std::ranges::find(newest, release) != newest.end(); }

Presence presence_of(const ProgramFlag& flag, const Program& program, std::string_view release) {
  if (flag.since.empty() && flag.until.empty()) return Presence::present;
  const Period period = period_of(program, release);
  const days branching(program.branch_days);
  if (!flag.until.empty() && period.first >= first_without(flag, program) + branching) return Presence::gone;
  if (!flag.until.empty() && is_newest(release)) return Presence::gone;
  if (!flag.since.empty() && period.last <= last_without(flag, program)) return Presence::not_yet;
  const bool came = flag.since.empty() || period.first >= day_of(flag.since) + branching;
  const bool stays = flag.until.empty() || period.last <= day_of(flag.until);
  return came && stays ? Presence::present : Presence::unsure;
}

}  // namespace vramcalc::deployment
