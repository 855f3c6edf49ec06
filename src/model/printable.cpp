#include "model/printable.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace vramcalc {
namespace {

struct Lead {
  std::size_t bytes;
  std::uint32_t bits, smallest;
};

std::optional<Lead> lead_of(unsigned char c) {
  if (c < 0x80) return Lead{1, c, 0};
  if (c >= 0xc2 && c < 0xe0) return Lead{2, c & 0x1fu, 0x80};
  if (c >= 0xe0 && c < 0xf0) return Lead{3, c & 0x0fu, 0x800};
  if (c >= 0xf0 && c < 0xf5) return Lead{4, c & 0x07u, 0x10000};
  return std::nullopt;
}

struct Codes {
  std::uint32_t first, last;
};

// Unicode 15, DerivedGeneralCategory.txt: Cc, Cf (which includes all that change the direction of text), Zl,
// Zp; DerivedCoreProperties.txt: Default_Ignorable_Code_Point, which are invisible. Surrogates are not
// characters.
constexpr std::array unprintable = {
    Codes{0x0000,  0x001f },
    Codes{0x007f,  0x009f },
    Codes{0x00ad,  0x00ad },
    Codes{0x034f,  0x034f },
    Codes{0x0600,  0x0605 },
    Codes{0x061c,  0x061c },
    Codes{0x06dd,  0x06dd },
    Codes{0x070f,  0x070f },
    Codes{0x0890,  0x0891 },
    Codes{0x08e2,  0x08e2 },
    Codes{0x115f,  0x1160 },
    Codes{0x17b4,  0x17b5 },
    Codes{0x180b,  0x180f },
    Codes{0x200b,  0x200f },
    Codes{0x2028,  0x202e },
    Codes{0x2060,  0x206f },
    Codes{0x3164,  0x3164 },
    Codes{0xd800,  0xdfff },
    Codes{0xfe00,  0xfe0f },
    Codes{0xfeff,  0xfeff },
    Codes{0xffa0,  0xffa0 },
    Codes{0xfff0,  0xfffb },
    Codes{0xfffe,  0xffff },
    Codes{0x110bd, 0x110bd},
    Codes{0x110cd, 0x110cd},
    Codes{0x13430, 0x1343f},
    Codes{0x1bca0, 0x1bca3},
    Codes{0x1d173, 0x1d17a},
    Codes{0xe0000, 0xe0fff},
};

bool is_printable_ascii(char c) { return c >= 0x20 && c < 0x7f; }

}  // namespace

Character first_character(std::string_view text) {
  const std::optional<Lead> lead = lead_of(static_cast<unsigned char>(text.front()));
  if (!lead || lead->bytes > text.size()) return {};
  std::uint32_t code = lead->bits;
  for (std::size_t i = 1; i < lead->bytes; ++i) {
    const auto next = static_cast<unsigned char>(text[i]);
    if ((next & 0xc0u) != 0x80u) return {};
    code = code << 6 | (next & 0x3fu);
  }
  const bool surrogate = code >= 0xd800 && code < 0xe000;
  if (code < lead->smallest || code > 0x10ffff || surrogate) return {};
  return {lead->bytes, code};
}

bool is_printable(std::uint32_t code) {
  const auto found = std::ranges::lower_bound(unprintable, code, {}, &Codes::last);
  return found == unprintable.end() || code < found->first;
}

bool is_printable(const Character& character) { return character.code && is_printable(*character.code); }

bool is_printable(std::string_view text) {
  while (true) {
    const auto plain = std::ranges::find_if_not(text, is_printable_ascii);
    text.remove_prefix(static_cast<std::size_t>(plain - text.begin()));
    if (text.empty()) return true;
    const Character character = first_character(text);
    if (!is_printable(character)) return false;
    text.remove_prefix(character.bytes);
  }
}

std::string printable(std::string_view text, std::size_t limit) {
  if (text.size() < limit && is_printable(text)) return std::string(text);
  std::string result;
  while (!text.empty()) {
    if (result.size() >= limit) return result + "...";
    const Character character = first_character(text);
    const std::string_view bytes = text.substr(0, character.bytes);
    if (is_printable(character))
      result += bytes;
    else
      for (const char byte : bytes) result += fmt::format("\\x{:02x}", static_cast<unsigned char>(byte));
    text.remove_prefix(character.bytes);
  }
  return result;
}

std::string in_quotes(std::string_view text) { return fmt::format("\"{}\"", printable(text, 80)); }

}  // namespace vramcalc
