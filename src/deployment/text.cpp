#include "deployment/text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace vramcalc::deployment {

bool Text::is_known() const {
  return std::ranges::none_of(pieces, [](const Piece& piece) { return piece.hole.has_value(); });
}

std::string Text::spelled() const {
  std::string all;
  for (const Piece& piece : pieces) all += piece.text;
  return all;
}

void Text::add(std::string_view known) {
  if (known.empty()) return;
  if (pieces.empty() || pieces.back().hole) pieces.push_back({});
  pieces.back().text += known;
}

void Text::add(Piece piece) {
  if (piece.hole)
    pieces.push_back(std::move(piece));
  else
    add(piece.text);
}

void Text::add(const Text& other) {
  for (const Piece& piece : other.pieces) add(piece);
}

Text known_text(std::string_view text) {
  Text known;
  known.add(text);
  return known;
}

Text unknown_text(std::string spelled, Hole hole) {
  return {{Piece{.text = std::move(spelled), .hole = std::move(hole)}}};
}

Word to_word(const Text& text, Position at) {
  Word word{.text = text.spelled(), .at = std::move(at)};
  for (const Piece& piece : text.pieces)
    if (piece.hole && std::ranges::find(word.holes, *piece.hole) == word.holes.end())
      word.holes.push_back(*piece.hole);
  return word;
}

// Where its holes lie is not known, so a word with holes is one piece of each.
Text to_text(const Word& word) {
  if (word.is_known()) return known_text(word.text);
  Text text = unknown_text(word.text, word.holes.front());
  for (std::size_t i = 1; i < word.holes.size(); ++i) text.pieces.push_back({"", word.holes[i]});
  return text;
}

std::string set_option(std::string_view name) { return fmt::format("--set {}=VALUE", name); }

const std::string* supplied_value(const Supplied& supplied, std::string_view name) {
  for (const auto& [variable, value] : supplied.variables)
    if (variable == name) return &value;
  return nullptr;
}

}  // namespace vramcalc::deployment
