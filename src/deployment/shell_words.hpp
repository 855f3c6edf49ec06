#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "vramcalc/deployment.hpp"

// The words of a shell, as POSIX XCU 2.3 (token recognition) and bash delimit them. Redirections, comments
// and what here-documents hold are left out.
namespace vramcalc::deployment {

struct ShellToken {
  enum class Kind : std::uint8_t { word, array, control, newline, end };
  Kind kind = Kind::end;
  std::string text;               // of a word: as written, quotes included; of an array: "NAME=" or "NAME+="
  std::vector<ShellToken> items;  // of an array
  std::uint32_t line = 0;         // from 1
  bool is_control(std::string_view op) const { return kind == Kind::control && text == op; }
  bool is_word(std::string_view word) const { return kind == Kind::word && text == word; }
};

// Ends with an `end`.
std::vector<ShellToken> shell_tokens(std::string_view script);

// The position after what opens at `from`: a quote, a backtick, `$(` or `${`; the end where nothing closes.
std::size_t after_quoted(std::string_view text, std::size_t from);
// Whether an unrendered template `{{ … }}` or `<% … %>` opens at `from`; the position after it, else `from`.
std::size_t after_template(std::string_view text, std::size_t from);

// Words with quotes removed and nothing expanded; a newline parts words.
std::vector<Word> split_words(std::string_view text, const Position& at);

}  // namespace vramcalc::deployment
