#include "render/text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace vramcalc::render {
namespace {

bool continues(char byte) { return (static_cast<unsigned char>(byte) & 0xC0u) == 0x80u; }

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t space = std::min(text.find(' ', at), text.size());
    if (space > at) words.emplace_back(text.substr(at, space - at));
    at = space + 1;
  }
  return words;
}

// SGR parameters (ECMA-48); a terminal's own palette decides what they look like.
std::string_view sgr(Ink ink) {
  switch (ink) {
    case Ink::plain: return "";
    case Ink::bold: return "1";
    case Ink::dim: return "2";
    case Ink::green: return "32";
    case Ink::cyan: return "36";
    case Ink::yellow: return "33";
    case Ink::red: return "31";
  }
  return "";
}

}  // namespace

std::size_t width(std::string_view text) {
  std::size_t columns = 0;
  while (!text.empty()) {
    const std::size_t escape = std::min(text.find('\033'), text.size());
    columns += static_cast<std::size_t>(std::count_if(text.begin(),
                                                      text.begin() + static_cast<std::ptrdiff_t>(escape),
                                                      [](char byte) { return !continues(byte); }));
    text.remove_prefix(escape);
    if (!text.empty()) text.remove_prefix(std::min(text.find('m'), text.size() - 1) + 1);
  }
  return columns;
}

std::string pad_right(std::string text, std::size_t columns) {
  const std::size_t taken = width(text);
  if (taken < columns) text.append(columns - taken, ' ');
  return text;
}

std::string pad_left(std::string text, std::size_t columns) {
  const std::size_t taken = width(text);
  if (taken < columns) text.insert(0, columns - taken, ' ');
  return text;
}

std::string_view dot(const Style& style) { return style.unicode ? " · " : " - "; }
std::string_view ellipsis(const Style& style) { return style.unicode ? "…" : "~"; }

std::string cut(std::string_view text, std::size_t columns, const Style& style) {
  if (width(text) <= columns) return std::string(text);
  if (columns == 0) return {};
  std::size_t end = 0;
  for (std::size_t taken = 0; end < text.size(); ++end) {
    if (!continues(text[end]) && taken++ == columns - 1) break;
  }
  while (end > 0 && text[end - 1] == ' ') --end;
  return fmt::format("{}{}", text.substr(0, end), ellipsis(style));
}

std::string flow(const std::vector<std::string>& parts, const Flow& how, const Style& style) {
  const std::size_t edge = static_cast<std::size_t>(style.columns);
  std::string out, line(how.indent, ' ');
  std::size_t taken = how.indent;  // columns of the line
  bool empty = true;
  const auto finish = [&] {
    out += line + '\n';
    line.assign(how.hanging, ' ');
    taken = how.hanging;
    empty = true;
  };
  const auto put = [&](const std::string& part, std::string_view separator) {
    const std::size_t columns = width(part);
    if (!empty && taken + width(separator) + columns > edge) finish();
    if (!empty) {
      line += separator;
      taken += width(separator);
    }
    line += part;
    taken += columns;
    empty = false;
  };
  for (const std::string& part : parts) {
    if (how.hanging + width(part) <= edge) {
      put(part, how.separator);
      continue;
    }
    std::string_view separator = how.separator;
    for (const std::string& word : words_of(part)) {
      put(word, separator);
      separator = " ";
    }
  }
  if (!empty) finish();
  return out;
}

std::string wrap(std::string_view text, std::size_t indent, std::size_t hanging, const Style& style) {
  return flow(words_of(text), {" ", indent, hanging}, style);
}

std::string labelled(std::string_view label, std::string_view text, std::size_t indent, std::size_t column,
                     const Style& style) {
  const std::string lines = wrap(text, column, column, style);
  return pad_right(std::string(indent, ' ').append(label), column) + lines.substr(column);
}

std::string paint(std::string text, Ink ink, const Style& style) {
  if (!style.colour || ink == Ink::plain) return text;
  std::string out;
  for (std::size_t at = 0; at < text.size();) {  // line by line, so that no colour runs into the next one
    const std::size_t end = std::min(text.find('\n', at), text.size());
    if (end > at)
      out += fmt::format("\033[{}m{}\033[0m", sgr(ink), std::string_view(text).substr(at, end - at));
    if (end < text.size()) out += '\n';
    at = end + 1;
  }
  return out;
}

}  // namespace vramcalc::render
