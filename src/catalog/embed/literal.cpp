#include "catalog/embed/literal.hpp"

#include <fmt/format.h>

namespace vramcalc::catalog::embed {
namespace {

constexpr std::size_t characters_per_line = 100;

std::string escaped(char c) {
  switch (c) {
    case '"': return "\\\"";
    case '\\': return "\\\\";
    case '\n': return "\\n";
    case '\t': return "\\t";
    case '\r': return "\\r";
    default: break;
  }
  // A line may end in the middle of a UTF-8 character.
  const auto byte = static_cast<unsigned char>(c);
  return byte >= ' ' && byte < 0x7f ? std::string(1, c) : fmt::format("\\{:03o}", byte);
}

}  // namespace

// Adjacent literals, so that no line is longer than an editor likes.
std::string literal(std::string_view bytes) {
  std::string lines;
  for (std::size_t at = 0; at < bytes.size(); at += characters_per_line) {
    lines += bytes.size() > characters_per_line ? "\n  \"" : "\"";
    for (const char c : bytes.substr(at, characters_per_line)) lines += escaped(c);
    lines += '"';
  }
  return bytes.empty() ? "\"\"" : lines;
}

}  // namespace vramcalc::catalog::embed
