#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// Text from outside (a file, a server, the command line, the environment) can hold whatever its author likes.
// These say what of it may reach a terminal.
namespace vramcalc {

// The first character of a text that is not empty. A byte that does not begin a character of UTF-8 stands
// alone, and has no code.
struct Character {
  std::size_t bytes = 1;
  std::optional<std::uint32_t> code;
};
Character first_character(std::string_view text);

// Neither a control character, nor one that changes the direction of the text around it, nor one that shows
// nothing.
bool is_printable(std::uint32_t code);
bool is_printable(const Character& character);
bool is_printable(std::string_view text);

// The text, fit for one line on a terminal: each byte of what is not printable becomes \xNN, and beyond
// `limit` bytes the text is cut and ends in "...".
std::string printable(std::string_view text, std::size_t limit = 4096);

// The same in double quotes and short, for names inside a message.
std::string in_quotes(std::string_view text);

}  // namespace vramcalc
