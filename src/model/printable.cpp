#include "model/printable.hpp"

#include <fmt/format.h>

#include <cstdint>
#include <optional>

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

// C0 and C1 controls, line and paragraph separators, and the marks that turn the direction of text around.
bool may_be_printed(std::uint32_t code) {
  const bool control = code < 0x20 || (code >= 0x7f && code < 0xa0);
  const bool turns = (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
  const bool surrogate = code >= 0xd800 && code < 0xe000;
  return !control && !turns && !surrogate && code != 0x2028 && code != 0x2029 && code <= 0x10ffff;
}

// Bytes of the printable character at the start of the text, 0 where there is none.
std::size_t printable_character(std::string_view text) {
  const std::optional<Lead> lead = lead_of(static_cast<unsigned char>(text.front()));
  if (!lead || lead->bytes > text.size()) return 0;
  std::uint32_t code = lead->bits;
  for (std::size_t i = 1; i < lead->bytes; ++i) {
    const auto next = static_cast<unsigned char>(text[i]);
    if ((next & 0xc0u) != 0x80u) return 0;
    code = code << 6 | (next & 0x3fu);
  }
  return code >= lead->smallest && may_be_printed(code) ? lead->bytes : 0;
}

}  // namespace

std::string printable(std::string_view text, std::size_t limit) {
  std::string result;
  while (!text.empty()) {
    if (result.size() >= limit) return result + "...";
    const std::size_t bytes = printable_character(text);
    if (bytes == 0)
      result += fmt::format("\\x{:02x}", static_cast<unsigned char>(text.front()));
    else
      result += text.substr(0, bytes);
    text.remove_prefix(bytes == 0 ? 1 : bytes);
  }
  return result;
}

std::string in_quotes(std::string_view text) { return fmt::format("\"{}\"", printable(text, 80)); }

}  // namespace vramcalc
