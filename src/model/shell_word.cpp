#include "model/shell_word.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "model/letters.hpp"
#include "model/printable.hpp"

namespace vramcalc {
namespace {

// Characters without a special meaning to any shell, anywhere in a word. "~" and "=" are special at the
// beginning of a word (the latter in zsh), and "~" also after ":" and "=".
bool is_plain(char c) {
  constexpr std::string_view others = "_-./,:@%+=";
  return is_letter(c) || is_digit(c) || others.find(c) != others.npos;
}

bool needs_no_quotes(std::string_view text) {
  return !text.empty() && text.front() != '=' && std::ranges::all_of(text, is_plain);
}

std::string in_single_quotes(std::string_view text) {
  std::string word = "'";
  for (const char c : text) {
    if (c == '\'')
      word += "'\\''";
    else
      word += c;
  }
  return word + '\'';
}

std::string in_dollar_quotes(std::string_view text) {
  std::string word = "$'";
  while (!text.empty()) {
    const Character character = first_character(text);
    for (const char byte : text.substr(0, character.bytes)) {
      if (!is_printable(character))
        word += fmt::format("\\{:03o}", static_cast<unsigned char>(byte));
      else if (byte == '\'' || byte == '\\')
        word.append(1, '\\').append(1, byte);
      else
        word += byte;
    }
    text.remove_prefix(character.bytes);
  }
  return word + '\'';
}

}  // namespace

std::string shell_word(std::string_view text) {
  if (needs_no_quotes(text)) return std::string(text);
  return is_printable(text) ? in_single_quotes(text) : in_dollar_quotes(text);
}

std::string shell_path(std::string_view path) {
  return path.starts_with('-') ? shell_word(fmt::format("./{}", path)) : shell_word(path);
}

}  // namespace vramcalc
