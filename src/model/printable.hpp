#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// Makes untrusted text (from files, servers, the command line, the environment) safe to print on a terminal.
namespace vramcalc {

// The first character of a non-empty text. A byte that does not begin a UTF-8 character counts as one without
// a code.
struct Character {
  std::size_t bytes = 1;
  std::optional<std::uint32_t> code;
};
Character first_character(std::string_view text);

// False for control characters, invisible characters and those that change the text direction.
bool is_printable(std::uint32_t code);
bool is_printable(const Character& character);
bool is_printable(std::string_view text);

// The text as one safe line for a terminal: each byte of an unprintable character becomes \xNN, and text
// beyond `limit` bytes is replaced by "...".
std::string printable(std::string_view text, std::size_t limit = 4096);

// The same, shorter and in double quotes, for names in a message.
std::string in_quotes(std::string_view text);

}  // namespace vramcalc
