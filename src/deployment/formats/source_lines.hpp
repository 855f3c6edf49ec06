#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace vramcalc::deployment {

// The lines of an input, to find again what YAML has folded into one text.
class SourceLines {
 public:
  explicit SourceLines(std::string_view text);

  // Goes through the words of a text in their order.
  class Cursor {
   public:
    // The line of the next place of `word`; that of the word before if there is none nearby.
    std::uint32_t next(std::string_view word);

   private:
    friend class SourceLines;
    Cursor(const SourceLines& lines, std::uint32_t line);
    const SourceLines& lines_;
    std::size_t at_ = 0;
    std::uint32_t line_ = 0;
  };
  Cursor from(std::uint32_t line) const { return {*this, line}; }

 private:
  std::string_view text_;
  std::vector<std::size_t> begins_;
};

}  // namespace vramcalc::deployment
