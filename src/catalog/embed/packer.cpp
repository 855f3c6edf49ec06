#include "catalog/embed/packer.hpp"

#include <fmt/format.h>

namespace vramcalc::catalog::embed {
namespace {

constexpr std::size_t characters_per_line = 100;
constexpr std::size_t words_per_line = 16;

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
  return byte < 0x80 ? std::string(1, c) : fmt::format("\\{:03o}", byte);
}

// Adjacent literals keep lines short.
std::string literal(std::string_view text) {
  std::string lines;
  for (std::size_t at = 0; at < text.size(); at += characters_per_line) {
    lines += "\n  \"";
    for (const char c : text.substr(at, characters_per_line)) lines += escaped(c);
    lines += '"';
  }
  return text.empty() ? "\"\"" : lines;
}

}  // namespace

std::uint32_t Packer::place_of(std::string_view text) {
  const auto [place, is_new] =
      places_.try_emplace(std::string(text), static_cast<std::uint32_t>(text_.size()));
  if (is_new) text_ += text;
  return place->second;
}

void Packer::add_words(std::string_view name, const std::vector<std::uint32_t>& words, std::size_t rows) {
  word_arrays_ += fmt::format("constexpr std::uint32_t {}_words[] = {{", name);
  for (std::size_t i = 0; i < words.size(); ++i)
    word_arrays_ += fmt::format("{}{},", i % words_per_line == 0 ? "\n  " : " ", words[i]);
  word_arrays_ += words.empty() ? "0};\n" : "};\n";  // an array cannot be empty
  tables_ += fmt::format("constinit const PackedTable {} = {{{}_words, text, {}}};\n", name, name, rows);
}

std::string Packer::arrays() const {
  return fmt::format("constexpr char text[] = {};\n\n{}", literal(text_), word_arrays_);
}

}  // namespace vramcalc::catalog::embed
