#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "vramcalc/deployment.hpp"

namespace vramcalc::deployment {

// A text in pieces: what is known, and what the input does not determine.
struct Piece {
  std::string text;  // a hole as the input spells it
  std::optional<Hole> hole;
  friend bool operator==(const Piece&, const Piece&) = default;
};

struct Text {
  std::vector<Piece> pieces;

  bool is_known() const;
  bool is_empty() const { return pieces.empty(); }  // known to be the empty text
  std::string spelled() const;                      // holes as the input spells them
  void add(std::string_view known);
  void add(Piece piece);
  void add(const Text& other);
  friend bool operator==(const Text&, const Text&) = default;
};

Text known_text(std::string_view text);
Text unknown_text(std::string spelled, Hole hole);
Word to_word(const Text& text, Position at);
Text to_text(const Word& word);

// The option that supplies a variable.
std::string set_option(std::string_view name);
// The value that --set gives a variable; null if none.
const std::string* supplied_value(const Supplied& supplied, std::string_view name);

}  // namespace vramcalc::deployment
