#include "render/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "model/printable.hpp"

namespace vramcalc::render {
namespace {

bool continues(char byte) { return (static_cast<unsigned char>(byte) & 0xC0u) == 0x80u; }

// Calls `use` with each word.
template <class Use>
void each_word(std::string_view text, const Use& use) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t space = std::min(text.find(' ', at), text.size());
    if (space > at) use(text.substr(at, space - at));
    at = space + 1;
  }
}

// SGR parameters (ECMA-48); a terminal's own palette decides what they look like.
std::string_view sgr(Ink ink) {
  switch (ink) {
    case Ink::plain: return "0";
    case Ink::bold: return "1";
    case Ink::dim: return "2";
    case Ink::green: return "32";
    case Ink::cyan: return "36";
    case Ink::yellow: return "33";
    case Ink::red: return "31";
  }
  return "0";
}

// Until a page is printed, colour follows this mark, which no UTF-8 text contains; so our own colour is told
// from an escape sequence in a name.
constexpr std::string_view mark = "\xFE\xFF\xFE";
bool marks(char byte) { return static_cast<unsigned char>(byte) >= 0xFEu; }

std::string sequence(Ink ink) { return fmt::format("\033[{}m", sgr(ink)); }

void append_mark(std::string& out, Ink ink) { out.append(mark).append(sequence(ink)); }

// Bytes of the marked colour that the text begins with, 0 where there is none.
std::size_t marked_colour(std::string_view text) {
  if (!text.starts_with(mark)) return 0;
  for (const Ink ink : {Ink::plain, Ink::bold, Ink::dim, Ink::green, Ink::cyan, Ink::yellow, Ink::red})
    if (const std::string colour = sequence(ink); text.substr(mark.size()).starts_with(colour))
      return mark.size() + colour.size();
  return 0;
}

bool is_plain(char c) { return c >= 0x20 && c < 0x7f; }

// ASCII replacements of our own signs, each of the same width.
constexpr std::array<std::pair<std::string_view, char>, 7> in_ascii = {
    {{"·", '-'}, {"…", '~'}, {"█", '#'}, {"▓", '='}, {"▒", '+'}, {"░", '.'}, {"│", '|'}}
};

void write_sign(std::string& out, std::string_view sign, const Style& style) {
  const auto plain = std::ranges::find(in_ascii, sign, &std::pair<std::string_view, char>::first);
  if (style.unicode || plain == in_ascii.end())
    out += sign;
  else
    out += plain->second;
}

// Lays out parts in lines.
class Lines {
 public:
  Lines(const Flow& how, const Style& style)
      : how_(how),
        edge_(static_cast<std::size_t>(style.columns)),
        text_(how.indent, ' '),
        taken_(how.indent) {}

  void put(std::string_view part, std::size_t columns, std::string_view separator) {
    const std::size_t between = empty_ ? 0 : width(separator);
    if (!empty_ && taken_ + between + columns > edge_) {
      finish();
      text_.append(how_.hanging, ' ');
      taken_ = how_.hanging;
    } else if (!empty_) {
      text_ += separator;
      taken_ += between;
    }
    text_ += part;
    taken_ += columns;
    empty_ = false;
  }

  // A part that is too wide even alone is broken at its spaces.
  void put_part(std::string_view part) {
    const std::size_t columns = width(part);
    if (how_.hanging + columns <= edge_) return put(part, columns, how_.separator);
    std::string_view separator = how_.separator;
    each_word(part, [&](std::string_view word) {
      put(word, width(word), separator);
      separator = " ";
    });
  }

  std::string text() && {
    if (empty_) return {};
    finish();
    return std::move(text_);
  }

 private:
  void finish() { text_ += '\n'; }

  const Flow& how_;
  std::size_t edge_;
  std::string text_;
  std::size_t taken_;  // columns used in the last line
  bool empty_ = true;
};

}  // namespace

std::size_t width(std::string_view text) {
  std::size_t columns = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '\033') {
      at = text.find('m', at);
      if (at == std::string_view::npos) break;
    } else if (!continues(text[at]) && !marks(text[at])) {
      ++columns;
    }
  }
  return columns;
}

std::string pad_right(std::string text, std::size_t columns) {
  const std::size_t taken = width(text);
  if (taken < columns) text.append(columns - taken, ' ');
  return text;
}

std::string cut(std::string_view text, std::size_t columns) {
  if (width(text) <= columns) return std::string(text);
  if (columns == 0) return {};
  std::size_t end = 0;
  for (std::size_t taken = 0; end < text.size(); ++end) {
    if (!continues(text[end]) && taken++ == columns - 1) break;
  }
  while (end > 0 && text[end - 1] == ' ') --end;
  return fmt::format("{}…", text.substr(0, end));
}

std::string flow(const std::vector<Text>& parts, const Flow& how, const Style& style) {
  Lines lines(how, style);
  std::string painted;
  for (const Text& part : parts) {
    painted.clear();
    write_painted(painted, part.text, part.ink, style);
    lines.put_part(painted);
  }
  return std::move(lines).text();
}

std::string wrap(std::span<const Text> texts, std::size_t indent, std::size_t hanging, const Style& style) {
  std::string whole;
  for (const Text& each : texts) write_painted(whole, each.text, each.ink, style);
  const Flow how{" ", indent, hanging};
  Lines lines(how, style);
  each_word(whole, [&](std::string_view word) { lines.put_part(word); });
  return std::move(lines).text();
}

std::string wrap(const Text& text, std::size_t indent, std::size_t hanging, const Style& style) {
  return wrap(std::span(&text, 1), indent, hanging, style);
}

std::string labelled(const Text& label, const Text& text, std::size_t indent, std::size_t column,
                     const Style& style) {
  const std::string lines = wrap(text, column, column, style);
  return pad_right(std::string(indent, ' ') + paint(label.text, label.ink, style), column) +
         lines.substr(column);
}

std::string paint(std::string text, Ink ink, const Style& style) {
  if (!style.colour || ink == Ink::plain) return text;
  std::string out;
  write_painted(out, text, ink, style);
  return out;
}

void write_painted(std::string& out, std::string_view text, Ink ink, const Style& style) {
  if (!style.colour || ink == Ink::plain) {
    out += text;
    return;
  }
  for (std::size_t at = 0;
       at < text.size();) {  // line by line, so that no colour continues into the next line
    const std::size_t end = std::min(text.find('\n', at), text.size());
    if (end > at) {
      append_mark(out, ink);
      out += text.substr(at, end - at);
      append_mark(out, Ink::plain);
    }
    if (end < text.size()) out += '\n';
    at = end + 1;
  }
}

std::string printed_page(std::string_view text, const Style& style) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const auto odd = std::ranges::find_if_not(text, is_plain);
    out.append(text.substr(0, static_cast<std::size_t>(odd - text.begin())));
    text.remove_prefix(static_cast<std::size_t>(odd - text.begin()));
    if (text.empty()) break;
    std::size_t bytes = style.colour ? marked_colour(text) : 0;
    if (bytes > 0) {
      out += text.substr(mark.size(), bytes - mark.size());
    } else if (text.starts_with('\n')) {
      out += text[bytes++];
    } else {
      const Character character = first_character(text);
      bytes = character.bytes;
      if (is_printable(character))
        write_sign(out, text.substr(0, bytes), style);
      else
        out += printable(text.substr(0, bytes));
    }
    text.remove_prefix(bytes);
  }
  return out;
}

}  // namespace vramcalc::render
