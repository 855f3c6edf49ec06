#pragma once

#include <cstddef>
#include <iterator>
#include <string_view>

namespace vramcalc {

// A short list of texts in one text, a line each: as small as a view, and nothing to allocate. It lives as
// long as the text that it looks at.
class TextList {
 public:
  class Iterator {
   public:
    using value_type = std::string_view;
    using difference_type = std::ptrdiff_t;
    using pointer = const std::string_view*;
    using reference = std::string_view;
    using iterator_category = std::input_iterator_tag;  // it gives no reference
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
    // Two places in one list differ in what is left of it.
    friend constexpr bool operator==(Iterator a, Iterator b) { return a.rest_.size() == b.rest_.size(); }

   private:
    std::string_view rest_;
  };

  constexpr TextList() = default;
  constexpr explicit TextList(std::string_view lines) : lines_(lines) {}  // no empty line among them

  constexpr Iterator begin() const { return Iterator(lines_); }
  constexpr Iterator end() const { return Iterator(); }
  constexpr bool empty() const { return lines_.empty(); }
  constexpr std::string_view lines() const { return lines_; }

 private:
  std::string_view lines_;
};

}  // namespace vramcalc
