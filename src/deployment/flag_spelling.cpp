#include "deployment/flag_spelling.hpp"

#include <algorithm>
#include <span>

#include "catalog/suggest.hpp"
#include "deployment/release_date.hpp"

namespace vramcalc::deployment {
namespace {

using catalog::FlagSpelling;

constexpr std::size_t most_candidates = 4;
constexpr std::size_t longest_name = 80;

int rank(Presence presence) {
  switch (presence) {
    case Presence::present: return 0;
    case Presence::unsure: return 1;
    case Presence::not_yet: return 2;
    case Presence::gone: return 3;
  }
  return 3;
}

NamedFlag named(const Program& program, const FlagSpelling& spelling) {
  return {&program.flags[spelling.flag], spelling.negated, spelling.spelling};
}

std::span<const FlagSpelling> spelled(const Program& program, std::string_view word) {
  const auto first = std::ranges::lower_bound(program.spellings, word, {}, &FlagSpelling::spelling);
  const auto last = std::ranges::upper_bound(program.spellings, word, {}, &FlagSpelling::spelling);
  return {first, last};
}

bool is_long(std::string_view word) { return word.starts_with("--"); }

// The spellings that begin with the prefix, a few of them.
std::vector<const FlagSpelling*> beginning_with(const Program& program, std::string_view prefix) {
  std::vector<const FlagSpelling*> found;
  auto at = std::ranges::lower_bound(program.spellings, prefix, {}, &FlagSpelling::spelling);
  for (; at != program.spellings.end() && at->spelling.starts_with(prefix); ++at) {
    if (!found.empty() && found.back()->spelling == at->spelling) continue;
    if (!program.flags[at->flag].until.empty()) continue;  // old ones are named in full
    found.push_back(&*at);
    if (found.size() > most_candidates) break;
  }
  return found;
}

struct Joined {
  std::string_view name;
  std::optional<std::string_view> value;
};

Joined split_at_equals(std::string_view word) {
  const std::size_t equals = word.find('=');
  if (equals == std::string_view::npos) return {word, std::nullopt};
  return {word.substr(0, equals), word.substr(equals + 1)};
}

// argparse, _get_option_tuples: prefixes of long flags; "-qfp8" for "-q fp8".
FlagMatch match_abbreviation(const Program& program, std::string_view release, std::string_view word) {
  const Joined joined = is_long(word) ? split_at_equals(word) : Joined{word, std::nullopt};
  FlagMatch match;
  const auto candidates = beginning_with(program, joined.name);
  for (const FlagSpelling* candidate : candidates) match.candidates.push_back(candidate->spelling);
  if (candidates.size() == 1) {
    match.named = exact_flag(program, release, candidates.front()->spelling);
    if (match.named) match.named->value = joined.value;
  }
  if (!is_long(word) && word.size() > 2) {
    auto letter = exact_flag(program, release, word.substr(0, 2));
    if (!letter) return match;
    letter->value = word.substr(2);
    match.candidates.push_back(letter->spelling);
    match.named = match.candidates.size() == 1 ? letter : std::nullopt;
  }
  return match;
}

}  // namespace

std::optional<NamedFlag> exact_flag(const Program& program, std::string_view release,
                                    std::string_view spelling) {
  const auto candidates = spelled(program, spelling);
  const auto best = std::ranges::min_element(candidates, {}, [&](const FlagSpelling& candidate) {
    return rank(presence_of(program.flags[candidate.flag], program, release));
  });
  if (best == candidates.end()) return std::nullopt;
  return named(program, *best);
}

FlagMatch match_flag(const Program& program, std::string_view release, std::string_view word) {
  if (auto exact = exact_flag(program, release, word)) return {std::move(exact)};
  if (!program.joins_with_equals) return {};
  const Joined joined = split_at_equals(word);
  if (joined.value) {
    if (auto exact = exact_flag(program, release, joined.name)) {
      exact->value = joined.value;
      return {std::move(exact)};
    }
  }
  return program.abbreviates ? match_abbreviation(program, release, word) : FlagMatch();
}

std::string with_dashes(const Program& program, std::string_view word) {
  std::string changed(word);
  if (!program.takes_underscores || !is_long(word)) return changed;
  const std::size_t end =
      std::min(program.joins_with_equals ? word.find_first_of("=.") : word.size(), word.size());
  std::replace(changed.begin(), changed.begin() + static_cast<std::ptrdiff_t>(end), '_', '-');
  return changed;
}

std::string nearest_spelling(const Program& program, std::string_view word) {
  const std::string_view typed = split_at_equals(word).name;
  if (typed.size() > longest_name) return "";
  std::size_t least = std::min<std::size_t>(3, typed.size() / 4) + 1;
  std::string nearest;
  for (const FlagSpelling& candidate : program.spellings) {
    if (!program.flags[candidate.flag].until.empty()) continue;
    const std::size_t distance = catalog::edit_distance(typed, candidate.spelling, least);
    if (distance >= least) continue;
    least = distance;
    nearest = candidate.spelling;
  }
  return nearest;
}

}  // namespace vramcalc::deployment
