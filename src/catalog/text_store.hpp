#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "vramcalc/text_list.hpp"

namespace vramcalc::catalog {

// Owns the texts that catalog rows look at. What it handed out stays valid while it lives, and when it is
// moved: a deque never moves its elements.
class TextStore {
 public:
  std::string_view keep(std::string text) {
    return text.empty() ? std::string_view() : texts_.emplace_back(std::move(text));
  }

  // None of the texts may be empty or have a line break in it.
  TextList keep(const std::vector<std::string>& texts) {
    std::string lines;
    for (const std::string& text : texts) lines += (lines.empty() ? "" : "\n") + text;
    return TextList(keep(std::move(lines)));
  }

 private:
  std::deque<std::string> texts_;
};

}  // namespace vramcalc::catalog
