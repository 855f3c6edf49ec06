#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "vramcalc/text_list.hpp"

namespace vramcalc::catalog {

// Owns the texts that catalog rows point to. They stay valid during its life, even if it is moved, since a
// deque never moves its elements.
class TextStore {
 public:
  std::string_view keep(std::string text) {
    return text.empty() ? std::string_view() : texts_.emplace_back(std::move(text));
  }

  // No text may be empty or contain a line break.
  TextList keep(const std::vector<std::string>& texts) {
    std::string lines;
    for (const std::string& text : texts) lines += (lines.empty() ? "" : "\n") + text;
    return TextList(keep(std::move(lines)));
  }

 private:
  std::deque<std::string> texts_;
};

}  // namespace vramcalc::catalog
