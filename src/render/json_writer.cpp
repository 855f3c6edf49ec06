#include "render/json_writer.hpp"

#include <fmt/format.h>

#include <charconv>

#include "model/printable.hpp"

namespace vramcalc::render {
namespace {

bool stands_for_itself(char c) { return c >= 0x20 && c < 0x7f && c != '"' && c != '\\'; }

// As UTF-16, which JSON escapes use (RFC 8259, section 7).
void append_code(std::string& out, std::uint32_t code) {
  if (code < 0x10000) {
    out += fmt::format("\\u{:04x}", code);
    return;
  }
  const std::uint32_t rest = code - 0x10000;
  out += fmt::format("\\u{:04x}\\u{:04x}", 0xd800 + (rest >> 10), 0xdc00 + (rest & 0x3ff));
}

void append_character(std::string& out, std::string_view bytes, const Character& character) {
  if (!character.code)
    out += "\xEF\xBF\xBD";  // U+FFFD, so that invalid UTF-8 does not spoil the whole document
  else if (*character.code == '"' || *character.code == '\\')
    out.append(1, '\\').append(bytes);
  else if (*character.code == '\n')
    out += "\\n";
  else if (*character.code == '\t')
    out += "\\t";
  else if (is_printable(character))
    out += bytes;
  else
    append_code(out, *character.code);
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
    const Character character = first_character(text);
    append_character(text_, text.substr(0, character.bytes), character);
    text.remove_prefix(character.bytes);
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
  text_.append(1, '"').append(key).append("\": ");  // our own keys need no escaping
}

void JsonWriter::begin_entry(std::string_view key) {
  begin_element();
  put(key);
  text_ += ": ";
}

void JsonWriter::begin_element() {
  if (!empty_) text_ += ',';
  new_line();
  empty_ = false;
}

void JsonWriter::new_line() { text_.append(1, '\n').append(2 * depth_, ' '); }

}  // namespace vramcalc::render
