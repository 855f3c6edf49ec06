#pragma once

#include <cstddef>
#include <iterator>
#include <string_view>

namespace vramcalc {

// A short list of texts as a view of the lines of one text, which must outlive it.
class TextList {
 public:
  class Iterator {
   public:
    using value_type = std::string_view;
    using difference_type = std::ptrdiff_t;
    using pointer = const std::string_view*;
    using reference = std::string_view;
    using iterator_category = std::input_iterator_tag;  // it returns values, not references
    using iterator_concept = std::forward_iterator_tag;

    constexpr Iterator() = default;
    constexpr explicit Iterator(std::string_view rest) : rest_(rest) {}

    constexpr std::string_view operator*() const { return rest_.substr(0, rest_.find('\n')); }
    constexpr Iterator& operator++() {
      const std::size_t end = rest_.find('\n');
      rest_ = end == rest_.npos ? std::string_view() : rest_.substr(end + 1);
      return *this;
    }
    constexpr Iterator operator++(int) {
      const Iterator before = *this;
      ++*this;
      return before;
    }
    // Positions in one list differ in the length of the remaining text.
    friend constexpr bool operator==(Iterator a, Iterator b) { return a.rest_.size() == b.rest_.size(); }

   private:
    std::string_view rest_;
  };

  constexpr TextList() = default;
  constexpr explicit TextList(std::string_view lines) : lines_(lines) {}  // without empty lines

  constexpr Iterator begin() const { return Iterator(lines_); }
  constexpr Iterator end() const { return Iterator(); }
  constexpr bool empty() const { return lines_.empty(); }
  constexpr std::string_view lines() const { return lines_; }

 private:
  std::string_view lines_;
};

}  // namespace vramcalc
