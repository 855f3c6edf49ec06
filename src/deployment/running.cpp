#include "deployment/running.hpp"

#include <algorithm>

namespace vramcalc::deployment {
namespace {

constexpr std::size_t most_ways = 16;
constexpr std::size_t most_sets = 4096;

}  // namespace

void Running::start(std::span<const std::size_t> launches, bool background) {
  for (Set& set : now) {
    Set with = set;
    with.insert(with.end(), launches.begin(), launches.end());
    if (background)
      set = std::move(with);
    else if (seen_.size() < most_sets)
      seen_.push_back(std::move(with));
  }
}

void Running::note() {
  for (const Set& set : now)
    if (!set.empty() && seen_.size() < most_sets) seen_.push_back(set);
}

void Running::stop_all() {
  note();
  now = {{}};
}

void Running::stop(const std::string& name, const std::vector<Launch>& launches) {
  note();
  for (Set& set : now)
    std::erase_if(set, [&](std::size_t i) { return i < launches.size() && launches[i].name == name; });
}

void Running::or_else(const std::vector<Set>& other) {
  for (const Set& set : other)
    if (now.size() < most_ways && std::ranges::find(now, set) == now.end()) now.push_back(set);
}

std::vector<Running::Set> Running::sets() {
  note();
  std::vector<Set> largest;
  for (Set& set : seen_) {
    std::ranges::sort(set);
    set.erase(std::unique(set.begin(), set.end()), set.end());
  }
  std::ranges::sort(
      seen_, [](const Set& a, const Set& b) { return a.size() != b.size() ? a.size() > b.size() : a < b; });
  for (const Set& set : seen_)
    if (std::ranges::none_of(largest, [&](const Set& larger) { return std::ranges::includes(larger, set); }))
      largest.push_back(set);
  std::ranges::sort(largest);
  return largest;
}

}  // namespace vramcalc::deployment
