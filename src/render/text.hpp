#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "render/document.hpp"

// Lines of text and their display width.
namespace vramcalc::render {

// The width of a text: one column per code point, none for colour.
std::size_t width(std::string_view text);

std::string pad_right(std::string text, std::size_t columns);

// Cuts plain text without colour to `columns`; the last one is then an ellipsis.
std::string cut(std::string_view text, std::size_t columns);

// Parts in a row, with a new line where they would cross the right edge. A part is broken, at its spaces,
// only if it alone is too wide. Every line ends in a newline.
struct Flow {
  std::string_view separator;
  std::size_t indent = 0;
  std::size_t hanging = 0;  // indent of the second line and after
};
std::string flow(const std::vector<Text>& parts, const Flow& how, const Style& style);

// Words in lines, the first `indent` deep, the rest `hanging` deep.
std::string wrap(std::span<const Text> texts, std::size_t indent, std::size_t hanging, const Style& style);
std::string wrap(const Text& text, std::size_t indent, std::size_t hanging, const Style& style);

// The same, after a label at `indent` in the first line; the text begins at `column`.
std::string labelled(const Text& label, const Text& text, std::size_t indent, std::size_t column,
                     const Style& style);

// Colour is only marked in the text until it is printed, see printed_page().
std::string paint(std::string text, Ink ink, const Style& style);
void write_painted(std::string& out, std::string_view text, Ink ink, const Style& style);

// The last step before printing: lines of printable text, no escape sequences except colour from paint(), and
// plain ASCII lines, bars and dots if the terminal has no Unicode.
std::string printed_page(std::string_view text, const Style& style);

}  // namespace vramcalc::render
