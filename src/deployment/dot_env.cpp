#include "deployment/dot_env.hpp"

#include <algorithm>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "deployment/variable_names.hpp"
#include "model/letters.hpp"

// As compose-go's dotenv reads the file (github.com/compose-spec/compose-go, dotenv/parser.go).
namespace vramcalc::deployment {
namespace {

constexpr std::size_t longest_value = 65536;  // values may hold others

using Values = std::unordered_map<std::string, std::string>;

std::size_t after_name(std::string_view text, std::size_t from) {
  while (from < text.size() && is_name_character(text[from])) ++from;
  return from;
}

struct Reference {
  std::string_view name, fallback;
  bool has_fallback = false;
  std::size_t end = 0;  // after it; 0: none of the plain ones
};

// $NAME, ${NAME}, ${NAME:-default} and ${NAME-default}.
Reference reference_at(std::string_view text, std::size_t dollar) {
  const bool braces = dollar + 1 < text.size() && text[dollar + 1] == '{';
  const std::size_t begin = dollar + (braces ? 2 : 1);
  const std::size_t end = after_name(text, begin);
  Reference found{.name = text.substr(begin, end - begin), .fallback = {}, .end = end};
  if (found.name.empty()) return {};
  if (!braces) return found;
  const std::size_t close = text.find('}', end);
  if (close == text.npos) return {};
  std::string_view operation = text.substr(end, close - end);
  found.end = close + 1;
  if (operation.empty()) return found;
  if (operation.starts_with(':')) operation.remove_prefix(1);
  if (!operation.starts_with('-')) return {};
  found.fallback = operation.substr(1);
  found.has_fallback = true;
  return found;
}

std::optional<std::string> value_of(const Reference& reference, const Values& values) {
  const auto known = values.find(std::string(reference.name));
  if (known != values.end() && !(known->second.empty() && reference.has_fallback)) return known->second;
  if (reference.has_fallback) return std::string(reference.fallback);
  return std::nullopt;
}

// Empty if it refers to something unknown.
std::optional<std::string> with_references(std::string_view text, const Values& values) {
  if (text.size() > longest_value) return std::nullopt;
  std::string result;
  for (std::size_t i = 0; i < text.size();) {
    const Reference reference = text[i] == '$' ? reference_at(text, i) : Reference();
    if (reference.end == 0) {
      result.push_back(text[i++]);
      continue;
    }
    const std::optional<std::string> value = value_of(reference, values);
    if (!value || result.size() + value->size() > longest_value) return std::nullopt;
    result += *value;
    i = reference.end;
  }
  return result;
}

std::string unescaped(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 1 == text.size()) {
      result.push_back(text[i]);
      continue;
    }
    const char c = text[++i];
    result.push_back(c == 'n' ? '\n' : c == 'r' ? '\r' : c == 't' ? '\t' : c);
  }
  return result;
}

std::size_t end_of_line(std::string_view text, std::size_t from) {
  return std::min(text.find('\n', from), text.size());
}

// The position of the quote that closes the one at `from`; npos if none does.
std::size_t closing_quote(std::string_view text, std::size_t from) {
  for (std::size_t i = from + 1; i < text.size(); ++i) {
    if (text[i] == '\\' && text[from] == '"')
      ++i;
    else if (text[i] == text[from])
      return i;
  }
  return text.npos;
}

struct Value {
  std::string_view text;
  char quote = '\0';
  std::size_t end = 0;  // of its line
};

// A quoted value may have several lines; a comment ends one without quotes.
Value value_at(std::string_view text, std::size_t from) {
  from = std::min(text.find_first_not_of(" \t", from), text.size());
  if (from < text.size() && (text[from] == '"' || text[from] == '\''))
    if (const std::size_t close = closing_quote(text, from); close != text.npos)
      return {text.substr(from + 1, close - from - 1), text[from], end_of_line(text, close)};
  const std::size_t end = end_of_line(text, from);
  std::string_view value = text.substr(from, end - from);
  if (const std::size_t comment = value.find(" #"); comment != value.npos) value = value.substr(0, comment);
  return {trimmed(value), '\0', end};
}

std::optional<std::string> read_value(const Value& value, const Values& values) {
  if (value.quote == '\'') return std::string(value.text);
  const std::optional<std::string> text = with_references(value.text, values);
  return text && value.quote == '"' ? unescaped(*text) : text;
}

// The position of a line's name, without `export`.
std::size_t name_begin(std::string_view text, std::size_t from) {
  constexpr std::string_view exported = "export ";
  from = std::min(text.find_first_not_of(" \t\r", from), text.size());
  if (text.substr(from).starts_with(exported))
    from = std::min(text.find_first_not_of(" \t", from + exported.size()), text.size());
  return from;
}

}  // namespace

std::vector<std::pair<std::string, std::string>> dot_env(const std::string& file) {
  std::string_view text = file;
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  std::vector<std::string> names;
  Values values;
  std::unordered_set<std::string> seen;
  for (std::size_t line = 0; line < text.size();) {
    const std::size_t begin = name_begin(text, line), end = after_name(text, begin);
    const std::size_t sign = std::min(text.find_first_not_of(" \t", end), text.size());
    if (end == begin || sign == text.size() || (text[sign] != '=' && text[sign] != ':')) {
      line = end_of_line(text, begin) + 1;
      continue;
    }
    const Value written = value_at(text, sign + 1);
    line = written.end + 1;
    std::string name(text.substr(begin, end - begin));
    if (const std::optional<std::string> value = read_value(written, values))
      values[name] = *value;
    else
      values.erase(name);
    if (seen.insert(name).second) names.push_back(std::move(name));
  }
  std::vector<std::pair<std::string, std::string>> result;
  for (std::string& name : names)
    if (const auto value = values.find(name); value != values.end())
      result.emplace_back(std::move(name), value->second);
  return result;
}

}  // namespace vramcalc::deployment
