#include "render/json_writer.hpp"

#include <fmt/format.h>

#include <charconv>

namespace vramcalc::render {
namespace {

bool is_continuation(unsigned char byte) { return (byte & 0xC0u) == 0x80u; }

// Bytes of the UTF-8 sequence (Unicode 15, table 3-7) that `text` begins with, 0 where it is none.
std::size_t sequence_length(std::string_view text) {
  const auto byte = [&](std::size_t at) {
    return at < text.size() ? static_cast<unsigned char>(text[at]) : 0u;
  };
  const unsigned first = byte(0), second = byte(1);
  const std::size_t length = first >= 0xC2 && first <= 0xDF   ? 2
                             : (first & 0xF0u) == 0xE0        ? 3
                             : first >= 0xF0 && first <= 0xF4 ? 4
                                                              : 0;
  for (std::size_t i = 1; i < length; ++i) {
    if (!is_continuation(static_cast<unsigned char>(byte(i)))) return 0;
  }
  const bool overlong = (first == 0xE0 && second < 0xA0) || (first == 0xF0 && second < 0x90);
  const bool beyond = (first == 0xED && second > 0x9F) || (first == 0xF4 && second > 0x8F);
  return overlong || beyond ? 0 : length;
}

bool stands_for_itself(char c) {
  return static_cast<unsigned char>(c) >= 0x20 && static_cast<unsigned char>(c) < 0x80 && c != '"' &&
         c != '\\';
}

void append_escaped(std::string& out, char c) {
  switch (c) {
    case '"': out += "\\\""; return;
    case '\\': out += "\\\\"; return;
    case '\n': out += "\\n"; return;
    case '\t': out += "\\t"; return;
    default: out += fmt::format("\\u{:04x}", static_cast<unsigned char>(c));
  }
}

}  // namespace

void JsonWriter::put(std::string_view text) {
  text_ += '"';
  while (!text.empty()) {
    std::size_t plain = 0;
    while (plain < text.size() && stands_for_itself(text[plain])) ++plain;
    text_.append(text.substr(0, plain));
    text.remove_prefix(plain);
    if (text.empty()) break;
    if (static_cast<unsigned char>(text[0]) < 0x80) {
      append_escaped(text_, text[0]);
      text.remove_prefix(1);
    } else if (const std::size_t length = sequence_length(text); length > 0) {
      text_.append(text.substr(0, length));
      text.remove_prefix(length);
    } else {
      text_ += "\xEF\xBF\xBD";  // not UTF-8, from somebody's own catalog: must not cost the whole document
      text.remove_prefix(1);
    }
  }
  text_ += '"';
}

void JsonWriter::put(double value) { fmt::format_to(std::back_inserter(text_), "{}", value); }

void JsonWriter::put(std::uint64_t value) {
  char digits[20];
  const auto result = std::to_chars(digits, digits + sizeof digits, value);
  text_.append(digits, result.ptr);
}

void JsonWriter::open(char bracket) {
  text_ += bracket;
  ++depth_;
  empty_ = true;
}

void JsonWriter::close(char bracket) {
  --depth_;
  if (!empty_) new_line();
  text_ += bracket;
  empty_ = false;
}

void JsonWriter::begin(std::string_view key) {
  begin_element();
  text_.append(1, '"').append(key).append("\": ");  // keys are our own: nothing to escape
}

void JsonWriter::begin_element() {
  if (!empty_) text_ += ',';
  new_line();
  empty_ = false;
}

void JsonWriter::new_line() { text_.append(1, '\n').append(2 * depth_, ' '); }

}  // namespace vramcalc::render
