#pragma once

#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace vramcalc::catalog {

// Owns the texts and lists that catalog rows point to. What it handed out stays valid while it lives, and
// when it is moved: a deque never moves its elements.
class TextStore {
 public:
  std::string_view keep(std::string text) {
    return text.empty() ? std::string_view() : texts_.emplace_back(std::move(text));
  }

  std::span<const std::string_view> keep(const std::vector<std::string>& texts) {
    std::vector<std::string_view>& kept = lists_.emplace_back();
    for (const std::string& text : texts) kept.push_back(keep(text));
    return kept;
  }

  // The parts of a text that lives elsewhere.
  std::span<const std::string_view> split(std::string_view joined, char separator) {
    if (joined.empty()) return {};
    std::vector<std::string_view>& kept = lists_.emplace_back();
    for (std::size_t end = joined.find(separator); end != joined.npos; end = joined.find(separator)) {
      kept.push_back(joined.substr(0, end));
      joined.remove_prefix(end + 1);
    }
    kept.push_back(joined);
    return kept;
  }

 private:
  std::deque<std::string> texts_;
  std::deque<std::vector<std::string_view>> lists_;
};

}  // namespace vramcalc::catalog
