#include "deployment/formats/source_lines.hpp"

#include <algorithm>

namespace vramcalc::deployment {
namespace {

constexpr std::size_t nearby = 4096;

}  // namespace

SourceLines::SourceLines(std::string_view text) : text_(text) {
  begins_.push_back(0);
  for (std::size_t end = text.find('\n'); end != text.npos; end = text.find('\n', end + 1))
    begins_.push_back(end + 1);
}

SourceLines::Cursor::Cursor(const SourceLines& lines, std::uint32_t line) : lines_(lines), line_(line) {
  if (line > 0) at_ = lines.begins_[std::min<std::size_t>(line, lines.begins_.size()) - 1];
}

std::uint32_t SourceLines::Cursor::next(std::string_view word) {
  const std::string_view text = lines_.text_.substr(at_, nearby);
  const std::size_t found = word.empty() ? text.npos : text.find(word);
  if (found == text.npos) return line_;
  const std::size_t place = at_ + found;
  at_ = place + word.size();
  line_ =
      static_cast<std::uint32_t>(std::ranges::upper_bound(lines_.begins_, place) - lines_.begins_.begin());
  return line_;
}

}  // namespace vramcalc::deployment
