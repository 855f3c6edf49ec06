#include "deployment/pattern.hpp"

#include <cstddef>

namespace vramcalc::deployment {
namespace {

// The length of the bracket expression that `pattern` begins with, and whether it holds `c`; length 0 if it
// is none.
std::size_t bracket(std::string_view pattern, char c, bool& holds) {
  const bool negated = pattern.size() > 1 && (pattern[1] == '!' || pattern[1] == '^');
  const std::size_t first = negated ? 2 : 1;
  const std::size_t end = pattern.find(']', first + 1);
  if (end == std::string_view::npos) return 0;
  bool found = false;
  for (std::size_t i = first; i < end; ++i) {
    const bool range = i + 2 < end && pattern[i + 1] == '-';
    found = found || (range ? pattern[i] <= c && c <= pattern[i + 2] : pattern[i] == c);
    if (range) i += 2;
  }
  holds = found != negated;
  return end + 1;
}

// The length of what stands for the one character `c`; 0 if it does not match.
std::size_t one(std::string_view pattern, char c) {
  if (pattern.empty()) return 0;
  bool holds = false;
  if (pattern[0] == '[')
    if (const std::size_t length = bracket(pattern, c, holds); length > 0) return holds ? length : 0;
  if (pattern[0] == '\\' && pattern.size() > 1) return pattern[1] == c ? 2 : 0;
  return pattern[0] == '?' || pattern[0] == c ? 1 : 0;
}

}  // namespace

bool matches_pattern(std::string_view pattern, std::string_view text) {
  std::size_t p = 0;
  std::size_t t = 0;
  std::size_t star = std::string_view::npos;
  std::size_t retry = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      retry = t;
    } else if (const std::size_t length = one(pattern.substr(p), text[t]); length > 0) {
      p += length;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++retry;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

}  // namespace vramcalc::deployment
