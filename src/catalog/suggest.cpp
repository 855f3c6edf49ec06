#include "catalog/suggest.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <tuple>

#include "catalog/names.hpp"

namespace vramcalc::catalog {
namespace {

// Order of likelihood; smaller is likelier.
struct Likeness {
  std::size_t distance = 0;
  std::size_t length_gap = 0;
};

// One typo per three letters, and no more than four.
std::size_t tolerated_slips(std::string_view key) { return std::clamp<std::size_t>(key.size() / 3, 1, 4); }

// A typo costs less than half a name, so a short name is not suggested for everything.
constexpr std::size_t shortest_part = 3;
constexpr std::size_t prefix_cost = 2;
constexpr std::size_t part_cost = 4;

std::optional<Likeness> likeness(std::string_view typed, std::string_view key) {
  const std::size_t gap = typed.size() > key.size() ? typed.size() - key.size() : key.size() - typed.size();
  const std::size_t limit = tolerated_slips(typed);
  std::optional<Likeness> best;
  const auto take = [&](std::size_t distance) {
    if (!best || distance < best->distance) best = Likeness{distance, gap};
  };
  if (const std::size_t slips = edit_distance(typed, key, limit); slips <= limit) take(slips);
  const std::size_t shorter = std::min(typed.size(), key.size());
  if (shorter < shortest_part) return best;
  if (key.starts_with(typed) || typed.starts_with(key)) take(prefix_cost);
  if (key.find(typed) != key.npos || typed.find(key) != typed.npos) take(part_cost);
  return best;
}

struct Scored {
  Likeness likeness;
  Candidate candidate;
};

// A prominent entry comes before a rare one that is equally close.
auto rank(const Scored& scored) {
  return std::tuple(scored.likeness.distance, ~scored.candidate.prominence, scored.likeness.length_gap,
                    scored.candidate.id);
}

}  // namespace

std::size_t edit_distance(std::string_view a, std::string_view b, std::size_t limit) {
  if ((a.size() > b.size() ? a.size() - b.size() : b.size() - a.size()) > limit) return limit + 1;
  std::vector<std::size_t> before(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        row[j] = std::min(row[j], before[j - 2] + 1);
    }
    std::swap(before, last);
    std::swap(last, row);
  }
  return std::min(last[b.size()], limit + 1);
}

std::vector<std::string> suggest(std::string_view typed, const std::vector<Candidate>& candidates,
                                 std::size_t limit) {
  const std::string key = lookup_key(typed);
  std::vector<Scored> scored;
  for (const Candidate& candidate : candidates)
    if (const auto like = likeness(key, candidate.key)) scored.push_back({*like, candidate});
  std::ranges::sort(scored, {}, rank);
  std::vector<std::string> ids;
  for (const Scored& each : scored) {
    if (ids.size() == limit) break;
    if (std::ranges::find(ids, each.candidate.id) == ids.end()) ids.emplace_back(each.candidate.id);
  }
  return ids;
}

std::string did_you_mean(const std::vector<std::string>& suggestions) {
  if (suggestions.empty()) return "";
  std::string text = "did you mean " + suggestions.front();
  for (std::size_t i = 1; i < suggestions.size(); ++i)
    text += (i + 1 == suggestions.size() ? " or " : ", ") + suggestions[i];
  return text + "?";
}

}  // namespace vramcalc::catalog
