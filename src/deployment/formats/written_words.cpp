#include "deployment/formats/written_words.hpp"

#include <algorithm>

namespace vramcalc::deployment {
namespace {

constexpr std::size_t longest_braces = 1024;

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

// The end of a ${…} or {{…}} that begins at `from`; `from` if none does.
std::size_t after_braces(std::string_view text, std::size_t from) {
  const std::string_view rest = text.substr(from, longest_braces);
  if (rest.starts_with("{{")) {
    const std::size_t end = rest.find("}}");
    return end == rest.npos ? from : from + end + 2;
  }
  if (!rest.starts_with("${")) return from;
  std::size_t depth = 0;
  for (std::size_t i = 1; i < rest.size(); ++i) {
    if (rest[i] == '{') ++depth;
    if (rest[i] == '}' && --depth == 0) return from + i + 1;
  }
  return from;
}

std::size_t after_quotes(std::string_view text, std::size_t from) {
  const char quote = text[from];
  for (std::size_t i = from + 1; i < text.size(); ++i) {
    if (quote == '"' && text[i] == '\\') {
      ++i;
    } else if (text[i] == quote) {
      return i + 1;
    }
  }
  return text.size();
}

bool is_quote(char c) { return c == '"' || c == '\''; }

// The end of what belongs together at `from`: a character, what quotes hold, or ${…}.
std::size_t after_one(std::string_view text, std::size_t from) {
  if (is_quote(text[from])) return after_quotes(text, from);
  if (text[from] == '\\') return std::min(from + 2, text.size());
  const std::size_t end = after_braces(text, from);
  return end > from ? end : from + 1;
}

// A backslash before the end of a line joins it to the next one.
bool is_joint(std::string_view text, std::size_t from) {
  return text[from] == '\\' && from + 1 < text.size() && (text[from + 1] == '\n' || text[from + 1] == '\r');
}

std::string unescaped(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size() && (text[i + 1] == '"' || text[i + 1] == '\\')) ++i;
    result.push_back(text[i]);
  }
  return result;
}

}  // namespace

std::vector<std::string_view> written_words(std::string_view text) {
  std::vector<std::string_view> words;
  std::size_t i = 0;
  while (i < text.size()) {
    if (is_space(text[i]) || is_joint(text, i)) {
      i += is_space(text[i]) ? 1 : 2;
      continue;
    }
    const std::size_t begin = i;
    while (i < text.size() && !is_space(text[i]) && !is_joint(text, i)) i = after_one(text, i);
    words.push_back(text.substr(begin, i - begin));
  }
  return words;
}

std::string unquoted(std::string_view word) {
  std::string result;
  for (std::size_t i = 0; i < word.size();) {
    const std::size_t end = after_one(word, i);
    const std::string_view part = word.substr(i, end - i);
    const bool closes = part.size() > 1 && part.back() == part.front();
    if (part.front() == '\'')
      result += part.substr(1, part.size() - (closes ? 2 : 1));
    else if (part.front() == '"')
      result += unescaped(part.substr(1, part.size() - (closes ? 2 : 1)));
    else
      result += part.front() == '\\' ? part.substr(1) : part;
    i = end;
  }
  return result;
}

}  // namespace vramcalc::deployment
