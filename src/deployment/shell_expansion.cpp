#include "deployment/shell_expansion.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "deployment/arithmetic.hpp"
#include "deployment/pattern.hpp"
#include "deployment/secret.hpp"
#include "deployment/shell_words.hpp"
#include "deployment/variable_names.hpp"

namespace vramcalc::deployment {
namespace {

constexpr int deepest = 24;
constexpr std::size_t longest_operand = 4096;
constexpr std::string_view specials = "@*#?$!-0";

std::size_t name_length(std::string_view text) {
  if (text.empty()) return 0;
  if (specials.find(text[0]) != std::string_view::npos) return 1;
  std::size_t length = 0;
  const bool number = is_digit(text[0]);
  while (length < text.size() && (number ? is_digit(text[length]) : is_name_character(text[length])))
    ++length;
  return length;
}

bool is_comment(std::string_view commands) {
  return commands.empty() || (commands[0] == '#' && commands.find('\n') == std::string_view::npos);
}

// Cuts between characters of UTF-8.
std::string shortened(std::string_view text, std::size_t length) {
  if (text.size() <= length) return std::string(text);
  while (length > 0 && (static_cast<unsigned char>(text[length]) & 0xC0U) == 0x80U) --length;
  return std::string(text.substr(0, length)) + "…";
}

std::string one_line(std::string text) {
  std::ranges::replace_if(
      text, [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
  return text;
}

// --set NAME="--one --two" for an array.
std::vector<Text> words_of(std::string_view text) {
  std::vector<Text> words;
  for (const Word& word : split_words(text, {})) words.push_back(known_text(word.text));
  return words;
}

// "$@" and "${NAME[@]}" are no word at all where they are empty.
bool is_list(std::string_view inside) {
  if (inside == "$@" || inside == "${@}") return true;
  return inside.starts_with("${") && inside.ends_with("}") && inside.find("[@]") != std::string_view::npos;
}

Text output_of(std::string_view commands) {
  const std::string shown = looks_secret(commands) ? "…" : one_line(shortened(commands, 40));
  const std::string spelled = fmt::format("$({})", shown);
  return unknown_text(spelled, {.name = spelled, .why = "is the output of a command", .fix = ""});
}

Text not_evaluated(const std::string& spelled) {
  return unknown_text(spelled, {.name = spelled, .why = "is not evaluated here", .fix = ""});
}

// `#`, `##`, `%`, `%%`: without the shortest or longest start or end that matches.
std::string without(std::string_view text, std::string_view pattern, bool start, bool longest) {
  for (std::size_t i = 0; i <= text.size(); ++i) {
    const std::size_t length = longest ? text.size() - i : i;
    const std::string_view part = start ? text.substr(0, length) : text.substr(text.size() - length);
    if (matches_pattern(pattern, part))
      return std::string(start ? text.substr(length) : text.substr(0, text.size() - length));
  }
  return std::string(text);
}

std::string replaced(std::string text, std::string_view what, std::string_view with, bool all) {
  std::size_t at = 0;
  while (!what.empty() && text.size() < longest_operand && (at = text.find(what, at)) != std::string::npos) {
    text.replace(at, what.size(), with);
    at += with.size();
    if (!all) break;
  }
  return text;
}

std::string in_case(std::string text, bool upper) {
  for (char& c : text) {
    if (upper && c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    if (!upper && c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

char escaped(char c) {
  if (c == 'n') return '\n';
  return c == 't' ? '\t' : c;
}

}  // namespace

Text template_hole(std::string_view spelled) {
  const std::string shown = looks_secret(spelled) ? "{{ … }}" : one_line(shortened(spelled, 60));
  return unknown_text(
      shown,
      {.name = shown, .why = "is a template that is not rendered", .fix = "render the template first"});
}

void ShellExpander::Fields::add(const Text& text) {
  current.add(text);
  open = true;
}

void ShellExpander::Fields::split(const Text& text) {
  for (const Piece& piece : text.pieces) {
    if (piece.hole) {
      current.add(piece);
      open = true;
      continue;
    }
    std::string_view rest = piece.text;
    while (!rest.empty()) {
      const std::size_t blank = std::min(rest.find_first_of(" \t\n"), rest.size());
      if (blank > 0) add(known_text(rest.substr(0, blank)));
      if (blank < rest.size()) end();
      rest.remove_prefix(std::min(blank + 1, rest.size()));
    }
  }
}

void ShellExpander::Fields::end() {
  if (open) done.push_back(std::move(current));
  current = {};
  open = false;
}

std::vector<Text> ShellExpander::fields(std::string_view word) {
  Fields fields;
  splits_ = true;
  expand(word, false, fields);
  fields.end();
  return std::move(fields.done);
}

Text ShellExpander::value(std::string_view word) {
  Fields fields;
  const bool splits = std::exchange(splits_, false);
  expand(word, false, fields);
  splits_ = splits;
  return std::move(fields.current);
}

Text ShellExpander::quoted(std::string_view text) {
  Fields fields;
  const bool splits = std::exchange(splits_, false);
  expand(text, true, fields);
  splits_ = splits;
  return std::move(fields.current);
}

void ShellExpander::expand(std::string_view text, bool is_quoted, Fields& fields) {
  if (++depth_ > deepest) {
    fields.add(not_evaluated(one_line(shortened(text, 40))));
  } else {
    for (std::size_t i = 0; i < text.size();) i = expand_one(text, i, is_quoted, fields);
  }
  --depth_;
}

std::size_t ShellExpander::expand_one(std::string_view text, std::size_t i, bool is_quoted, Fields& fields) {
  const char c = text[i];
  if (const std::size_t end = after_template(text, i); end != i) {
    fields.add(template_hole(text.substr(i, end - i)));
    return end;
  }
  if (c == '\\') return backslash(text, i, is_quoted, fields);
  if (c == '$') return dollar(text, i, is_quoted, fields);
  if (c == '`') {
    const std::size_t end = after_quoted(text, i);
    substitution(text.substr(i + 1, std::max(end, i + 2) - i - 2), is_quoted, fields);
    return end;
  }
  if (c == '"') {
    if (is_quoted) return i + 1;  // nested in "${NAME:-"…"}"
    const std::size_t end = after_quoted(text, i);
    const std::string_view inside = text.substr(i + 1, std::max(end, i + 2) - i - 2);
    fields.open = fields.open || !is_list(inside);
    expand(inside, true, fields);
    return end;
  }
  if (c == '\'' && !is_quoted) {
    const std::size_t end = after_quoted(text, i);
    single_quoted(text.substr(i + 1, std::max(end, i + 2) - i - 2), fields);
    return end;
  }
  if (c == '<' && !is_quoted && i == 0 && text.size() > 1) {
    const std::string spelled = one_line(shortened(text, 40));
    fields.add(unknown_text(
        spelled, {.name = spelled, .why = "is a placeholder", .fix = "write a value in its place"}));
    return text.size();
  }
  const std::size_t end = std::min(text.find_first_of("\\$`\"'{<", i + 1), text.size());
  fields.add(known_text(text.substr(i, end - i)));
  return end;
}

std::size_t ShellExpander::backslash(std::string_view text, std::size_t i, bool is_quoted, Fields& fields) {
  const char next = i + 1 < text.size() ? text[i + 1] : '\\';
  if (next == '\n') return i + 2;
  const bool escapes = !is_quoted || next == '$' || next == '`' || next == '"' || next == '\\';
  fields.add(known_text(escapes ? std::string_view(&next, 1) : text.substr(i, 2)));
  return std::min(i + 2, text.size());
}

void ShellExpander::single_quoted(std::string_view text, Fields& fields) {
  fields.open = true;
  std::size_t from = 0;
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t end = after_template(text, i);
    if (end == i) {
      ++i;
      continue;
    }
    fields.add(known_text(text.substr(from, i - from)));
    fields.add(template_hole(text.substr(i, end - i)));
    from = i = end;
  }
  fields.add(known_text(text.substr(from)));
}

std::size_t ShellExpander::dollar(std::string_view text, std::size_t i, bool is_quoted, Fields& fields) {
  const std::string_view rest = text.substr(i + 1);
  if (rest.starts_with("(")) {
    const std::size_t end = after_quoted(text, i);
    const std::string_view inside = text.substr(i + 2, std::max(end, i + 3) - i - 3);
    if (inside.starts_with("(") && inside.ends_with(")") && inside.size() > 1)
      arithmetic(inside.substr(1, inside.size() - 2), fields);
    else
      substitution(inside, is_quoted, fields);
    return end;
  }
  if (rest.starts_with("{")) {
    const std::size_t end = after_quoted(text, i);
    braces(text.substr(i + 2, std::max(end, i + 3) - i - 3), is_quoted, fields);
    return end;
  }
  if (rest.starts_with("'") && !is_quoted) {
    const std::size_t end = after_quoted(text, i);
    std::string plain;
    for (std::size_t k = i + 2; k + 1 < end; ++k) {
      const bool escapes = text[k] == '\\' && k + 2 < end;
      plain += escapes ? escaped(text[++k]) : text[k];
    }
    fields.add(known_text(plain));
    return end;
  }
  std::size_t length = name_length(rest);
  if (length > 0 && is_digit(rest[0])) length = 1;  // $10 is ${1}0
  if (length == 0) {
    fields.add(known_text("$"));
    return i + 1;
  }
  parameter({.name = rest.substr(0, length),
             .subscript = {},
             .operation = {},
             .spelled = fmt::format("${}", rest.substr(0, length))},
            is_quoted, fields);
  return i + 1 + length;
}

void ShellExpander::substitution(std::string_view commands, bool is_quoted, Fields& fields) {
  commands = trimmed(commands);
  if (is_comment(commands)) return;  // `# a comment between arguments`
  const std::optional<Text> output = substitute_ && depth_ < 8 ? substitute_(commands) : std::nullopt;
  const Text text = output ? *output : output_of(commands);
  if (is_quoted || !splits_)
    fields.add(text);
  else
    fields.split(text);
}

void ShellExpander::arithmetic(std::string_view expression, Fields& fields) {
  const auto number_of = [&](std::string_view name) -> std::optional<std::int64_t> {
    const std::size_t length = name_length(name);
    Fields value;
    if (length == name.size())
      parameter({.name = name, .subscript = {}, .operation = {}, .spelled = std::string(name)}, true, value);
    else
      braces(name, true, value);
    return value.current.is_known() ? integer_of(value.current.spelled()) : std::nullopt;
  };
  const auto result =
      expression.size() > longest_operand ? std::nullopt : evaluate_arithmetic(expression, number_of);
  const std::string spelled = fmt::format("$(({}))", one_line(shortened(trimmed(expression), 40)));
  fields.add(result ? known_text(fmt::format("{}", *result)) : not_evaluated(spelled));
}

// What stands between `${` and `}`.
void ShellExpander::braces(std::string_view inside, bool is_quoted, Fields& fields) {
  const bool counts = inside.starts_with("#") && inside.size() > 1;
  Parameter parsed;
  std::string_view rest = counts ? inside.substr(1) : inside;
  const std::size_t length = name_length(rest);
  parsed.name = rest.substr(0, length);
  rest.remove_prefix(length);
  if (rest.starts_with("[")) {
    const std::size_t end = std::min(rest.find(']'), rest.size());
    parsed.subscript = rest.substr(1, end - 1);
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  parsed.operation = counts ? std::string_view("#length") : rest;
  parsed.spelled = parsed.subscript.empty()
                       ? fmt::format("${{{}}}", parsed.name)
                       : fmt::format("${{{}[{}]}}", parsed.name, one_line(shortened(parsed.subscript, 20)));
  if (length == 0) {
    fields.add(
        not_evaluated(fmt::format("${{{}}}", looks_secret(inside) ? "…" : one_line(shortened(inside, 40)))));
    return;
  }
  parameter(parsed, is_quoted, fields);
}

void ShellExpander::use_word(std::string_view word, bool is_quoted, Fields& fields) {
  // A default that is not quoted is split like a value, except for what it quotes itself.
  if (!is_quoted && splits_ && word.find_first_of("\"'\\") == std::string_view::npos)
    fields.split(value(word));
  else
    expand(word, is_quoted, fields);
}

void ShellExpander::parameter(const Parameter& parameter, bool is_quoted, Fields& fields) {
  const Found found = find(parameter);
  std::string_view operation = parameter.operation;
  const bool colon =
      operation.starts_with(":") && operation.size() > 1 && operation.find_first_of("-=?+", 1) == 1;
  if (colon) operation.remove_prefix(1);
  if (operation.empty() || std::string_view("-=?+").find(operation[0]) == std::string_view::npos) {
    put_operated(parameter, found, is_quoted, fields);
    return;
  }
  const std::string_view word = operation.substr(1);
  const bool empty = found.items.empty() || (found.items.size() == 1 && found.items[0].is_empty());
  const bool there = found.is_set && !(colon && empty);
  const char kind = operation[0];
  if (kind == '+') {
    const bool open = found.is_unknown || (colon && there && !found.items.front().is_known());
    if (open)
      fields.add(missing(parameter));
    else if (there)
      use_word(word, is_quoted, fields);
    else
      assumed_ = true;
  } else if (there || found.is_unknown || kind == '?') {
    put_operated({parameter.name, parameter.subscript, {}, parameter.spelled}, found, is_quoted, fields);
  } else {
    assumed_ = true;
    use_word(word, is_quoted, fields);
    if (kind == '=' && is_name_start(parameter.name[0]))
      assign(scope_, std::string(parameter.name), {.items = {is_quoted ? quoted(word) : value(word)}});
  }
}

void ShellExpander::put(const Found& found, bool is_quoted, Fields& fields) {
  for (std::size_t i = 0; i < found.items.size(); ++i) {
    if (i > 0 && splits_) fields.end();
    if (i > 0 && !splits_) fields.current.add(" ");
    if (is_quoted || !splits_)
      fields.add(found.items[i]);
    else
      fields.split(found.items[i]);
  }
}

void ShellExpander::put_operated(const Parameter& parameter, const Found& found, bool is_quoted,
                                 Fields& fields) {
  if (!found.is_set || found.is_unknown) {
    if (parameter.operation == "#length" && found.is_list)
      fields.add(known_text("0"));
    else if (!found.is_list || found.is_unknown)
      put({.items = {missing(parameter)}}, is_quoted, fields);
    return;
  }
  const std::string_view op = parameter.operation;
  if (op.empty()) {
    put(found, is_quoted, fields);
    return;
  }
  if (op == "#length" && found.is_list) {
    fields.add(known_text(fmt::format("{}", found.items.size())));
    return;
  }
  const Text& item = found.items.front();
  const std::string text = item.spelled();
  if (found.items.size() != 1 || !item.is_known() || text.size() > longest_operand) {
    fields.add(item.is_known() ? not_evaluated(parameter.spelled) : item);
    return;
  }
  const bool twice = op.size() > 1 && op[0] == op[1];
  const std::string_view word = op.substr(twice ? 2 : 1);
  const Text operand = word.size() <= longest_operand ? quoted(word) : not_evaluated(parameter.spelled);
  if (op == "#length") {
    fields.add(known_text(fmt::format("{}", text.size())));
  } else if (!operand.is_known()) {
    fields.add(not_evaluated(parameter.spelled));
  } else if (op[0] == '#' || op[0] == '%') {
    fields.add(known_text(without(text, operand.spelled(), op[0] == '#', twice)));
  } else if (op[0] == '/') {
    const std::string all = operand.spelled();
    const std::size_t slash = std::min(all.find('/'), all.size());
    const std::string what = all.substr(0, slash);
    const std::string with = slash < all.size() ? all.substr(slash + 1) : "";
    fields.add(what.find_first_of("*?[#%") == std::string::npos
                   ? known_text(replaced(text, what, with, twice))
                   : not_evaluated(parameter.spelled));
  } else if (twice && (op[0] == ',' || op[0] == '^') && word.empty()) {
    fields.add(known_text(in_case(text, op[0] == '^')));
  } else {
    fields.add(not_evaluated(parameter.spelled));
  }
}

ShellExpander::Found ShellExpander::find(const Parameter& parameter) {
  if (!is_name_start(parameter.name[0])) return find_special(parameter);
  const bool list = parameter.subscript == "@" || parameter.subscript == "*";
  const ShellValue* value = find_value(scope_, parameter.name);
  const bool known = value != nullptr && std::ranges::all_of(value->items, &Text::is_known);
  if (!known)
    if (const std::string* text = supplied_value(supplied_, parameter.name))
      return {.items = list ? words_of(*text) : std::vector<Text>{known_text(*text)},
              .is_list = list,
              .is_set = true};
  if (value == nullptr)
    return {.items = {}, .is_list = list, .is_set = false, .is_unknown = !scope_.sourced.empty()};
  if (list) return {.items = value->items, .is_list = true, .is_set = !value->items.empty()};
  const auto index =
      parameter.subscript.empty() ? std::optional<std::int64_t>(0) : integer_of(parameter.subscript);
  if (!index || *index < 0) return {.items = {not_evaluated(parameter.spelled)}, .is_set = true};
  if (static_cast<std::uint64_t>(*index) >= value->items.size()) return {.items = {Text()}, .is_set = true};
  return {.items = {value->items[static_cast<std::size_t>(*index)]}, .is_set = true};
}

ShellExpander::Found ShellExpander::find_special(const Parameter& parameter) {
  const char c = parameter.name[0];
  const std::vector<Text>& arguments = scope_.arguments;
  if (c == '@' || c == '*') {
    const std::string* text = scope_.knows_arguments ? nullptr : supplied_value(supplied_, "@");
    if (text != nullptr) return {.items = words_of(*text), .is_list = true, .is_set = true};
    if (!scope_.knows_arguments) left_out_arguments_ = true;
    return {.items = arguments, .is_list = true, .is_set = !arguments.empty()};
  }
  if (c == '#' && scope_.knows_arguments)
    return {.items = {known_text(fmt::format("{}", arguments.size()))}, .is_set = true};
  const auto number = integer_of(parameter.name);
  if (!number || *number < 1) return {.items = {}, .is_unknown = true};
  if (static_cast<std::uint64_t>(*number) <= arguments.size())
    return {.items = {arguments[static_cast<std::size_t>(*number) - 1]}, .is_set = true};
  if (const std::string* text = supplied_value(supplied_, parameter.name);
      text != nullptr && !scope_.knows_arguments)
    return {.items = {known_text(*text)}, .is_set = true};
  return {};
}

// What stands for a parameter that has no value.
Text ShellExpander::missing(const Parameter& parameter) {
  const bool named = is_name_start(parameter.name[0]);
  const bool numbered = !named && parameter.name[0] >= '1' && parameter.name[0] <= '9';
  if ((named && unset_is_empty_ && scope_.sourced.empty()) || (numbered && scope_.knows_arguments)) {
    assumed_ = true;
    return {};
  }
  Hole hole{
      .name = std::string(parameter.name), .why = "has no value here", .fix = set_option(parameter.name)};
  if (!named) {
    hole.name = fmt::format("${}", parameter.name);
    hole.why =
        numbered ? "is an argument that the script's caller gives" : "is known to the running shell only";
    if (!numbered) hole.fix.clear();
  } else if (!scope_.sourced.empty()) {
    hole.why = fmt::format("may be set by {}", scope_.sourced);
  }
  return unknown_text(parameter.spelled, std::move(hole));
}

}  // namespace vramcalc::deployment
