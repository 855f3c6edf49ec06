#include "vramcalc/deployment.hpp"

namespace vramcalc::deployment {
namespace {

// Where to go on if what follows the last star does not match: one more character belongs to it.
struct Star {
  std::size_t pattern = std::string_view::npos, path = 0;
  bool crosses_folders = false;
  bool is_set() const { return pattern != std::string_view::npos; }
};

}  // namespace

// The last star alone needs to be tried again, except that one that stays in its folder gives way to the last
// one that does not.
bool matches(std::string_view pattern, std::string_view path) {
  Star inner, outer;
  std::size_t p = 0, t = 0;
  while (t < path.size()) {
    if (pattern.substr(p).starts_with("**")) {
      p += pattern.substr(p).starts_with("**/") ? 3 : 2;
      outer = {p, t, true};
      inner = {};
    } else if (p < pattern.size() && pattern[p] == '*') {
      inner = {++p, t, false};
    } else if (p < pattern.size() && (pattern[p] == path[t] || (pattern[p] == '?' && path[t] != '/'))) {
      ++p, ++t;
    } else if (inner.is_set() && path[inner.path] != '/') {
      p = inner.pattern, t = ++inner.path;
    } else if (outer.is_set()) {
      p = outer.pattern, t = ++outer.path;
      inner = {};
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

}  // namespace vramcalc::deployment
