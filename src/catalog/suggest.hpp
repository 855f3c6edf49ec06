#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace vramcalc::catalog {

// A name that may have been meant, and the id to suggest for it.
struct Candidate {
  std::string key;  // from lookup_key
  std::string_view id;
  std::uint32_t prominence = 0;
};

// Up to `limit` ids, likeliest first: typos, then names that begin with what was typed or the reverse, then
// names that contain it.
std::vector<std::string> suggest(std::string_view typed, const std::vector<Candidate>& candidates,
                                 std::size_t limit = 3);

// The number of insertions, deletions, replacements and swaps of neighbours between two texts; above `limit`:
// limit + 1.
std::size_t edit_distance(std::string_view a, std::string_view b, std::size_t limit);

// "did you mean a, b or c?"; empty without suggestions.
std::string did_you_mean(const std::vector<std::string>& suggestions);

}  // namespace vramcalc::catalog
