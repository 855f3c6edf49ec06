#include "deployment/shell_words.hpp"

#include <algorithm>
#include <array>

#include "deployment/variable_names.hpp"

namespace vramcalc::deployment {
namespace {

constexpr std::string_view blanks = " \t";
constexpr std::string_view metacharacters = " \t\n;|&()<>";

// Longer ones first.
constexpr std::array<std::string_view, 12> controls = {";;&", "&&", "||", ";;", ";&", "|&",
                                                       ";",   "|",  "&",  "(",  ")",  "\n"};
constexpr std::array<std::string_view, 12> redirections = {"&>>", "<<<", "<<-", "&>", ">>", ">&",
                                                           "<<",  "<&",  "<>",  ">|", ">",  "<"};

bool is_digits(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

// NAME= or NAME+=, before a parenthesis.
bool opens_array(std::string_view word) {
  if (!word.ends_with('=')) return false;
  word.remove_suffix(word.ends_with("+=") ? 2 : 1);
  return !word.empty() && !(word[0] >= '0' && word[0] <= '9') && std::ranges::all_of(word, is_name_character);
}

// `<model>` in place of a value, as documentation writes it; a shell would read it as two redirections.
std::size_t after_placeholder(std::string_view text, std::size_t from) {
  std::size_t end = from + 1;
  while (end < text.size() && end - from < 60 && (is_name_character(text[end]) || text[end] == '-')) ++end;
  if (end == from + 1 || end >= text.size() || text[end] != '>') return from;
  const bool last = end + 1 == text.size() || text[end + 1] == ' ' || text[end + 1] == '\n';
  return last && !is_digits(text.substr(from + 1, end - from - 1)) ? end + 1 : from;
}

std::string unquoted_delimiter(std::string_view word) {
  std::string delimiter;
  for (const char c : word)
    if (c != '\'' && c != '"' && c != '\\') delimiter += c;
  return delimiter;
}

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  std::vector<ShellToken> tokens() {
    while (true) {
      ShellToken token = next();
      const bool ended = token.kind == ShellToken::Kind::end;
      const bool opens_test = token.is_word("[[") && is_command_position();
      tokens_.push_back(std::move(token));
      if (ended) return std::move(tokens_);
      if (opens_test) read_test();
    }
  }

 private:
  struct Delimiter {
    std::string word;
    bool strips_tabs = false;
  };

  bool is_command_position() const {
    static constexpr std::array<std::string_view, 8> before = {"if",   "while", "until", "elif",
                                                               "then", "do",    "else",  "!"};
    if (tokens_.empty() || tokens_.back().kind != ShellToken::Kind::word) return true;
    return std::ranges::find(before, tokens_.back().text) != before.end();
  }

  bool at_end() const { return at_ >= text_.size(); }
  bool at(std::string_view piece) const { return text_.substr(at_, piece.size()) == piece; }

  void skip_blanks() {
    while (!at_end()) {
      if (at("\\\n")) {
        at_ += 2;
        ++line_;
      } else if (blanks.find(text_[at_]) != std::string_view::npos) {
        ++at_;
      } else if (text_[at_] == '#') {
        at_ = std::min(text_.find('\n', at_), text_.size());
      } else {
        return;
      }
    }
  }

  ShellToken next() {
    while (true) {
      skip_blanks();
      if (at_end()) return {.kind = ShellToken::Kind::end, .text = "", .items = {}, .line = line_};
      if (skip_redirection()) continue;
      for (const std::string_view op : controls)
        if (at(op)) return control(op);
      return word();
    }
  }

  ShellToken control(std::string_view op) {
    ShellToken token{.kind = ShellToken::Kind::control, .text = std::string(op), .items = {}, .line = line_};
    at_ += op.size();
    if (op == "\n") {
      token.kind = ShellToken::Kind::newline;
      ++line_;
      skip_documents();
    }
    return token;
  }

  // A redirection with its target. `<(…)` is a word.
  bool skip_redirection() {
    std::size_t from = at_;
    while (from < text_.size() && text_[from] >= '0' && text_[from] <= '9') ++from;
    for (const std::string_view op : redirections) {
      if (text_.substr(from, op.size()) != op) continue;
      if (from != at_ && op[0] == '&') return false;  // `1&>x` is the word 1 and a redirection
      if (text_.substr(from + 1, 1) == "(" || (op == "<" && after_placeholder(text_, from) != from))
        return false;
      at_ = from + op.size();
      skip_blanks();
      if (at_end() || text_[at_] == '\n') return true;
      const ShellToken target = word();
      if (op == "<<" || op == "<<-") documents_.push_back({unquoted_delimiter(target.text), op == "<<-"});
      return true;
    }
    return false;
  }

  void skip_documents() {
    for (const Delimiter& delimiter : documents_) {
      while (!at_end()) {
        const std::size_t end = std::min(text_.find('\n', at_), text_.size());
        std::string_view row = text_.substr(at_, end - at_);
        if (delimiter.strips_tabs) row.remove_prefix(std::min(row.find_first_not_of('\t'), row.size()));
        at_ = std::min(end + 1, text_.size());
        ++line_;
        if (row == delimiter.word) break;
      }
    }
    documents_.clear();
  }

  void advance_to(std::size_t end) {
    line_ += static_cast<std::uint32_t>(std::ranges::count(text_.substr(at_, end - at_), '\n'));
    at_ = end;
  }

  // The end of the part of a word that begins here.
  std::size_t end_of_part() const {
    const char c = text_[at_];
    const char next = at_ + 1 < text_.size() ? text_[at_ + 1] : '\0';
    if (c == '\\') return std::min(at_ + 2, text_.size());
    if (c == '\'' || c == '"' || c == '`' || (c == '$' && (next == '(' || next == '{' || next == '\'')))
      return after_quoted(text_, at_);
    if ((c == '<' || c == '>') && next == '(') return after_quoted(text_, at_);
    return c == '{' || c == '<' ? std::max(after_template(text_, at_), at_ + 1) : at_ + 1;
  }

  ShellToken word() {
    ShellToken token{.kind = ShellToken::Kind::word, .text = "", .items = {}, .line = line_};
    const std::size_t from = at_;
    if (text_[at_] == '<') advance_to(after_placeholder(text_, at_));
    while (!at_end()) {
      const bool template_opens = after_template(text_, at_) != at_;
      const bool process = at_ == from && (at("<(") || at(">("));
      if (!template_opens && !process && metacharacters.find(text_[at_]) != std::string_view::npos) break;
      advance_to(end_of_part());
    }
    if (at_ == from) ++at_;  // a metacharacter that nothing else took
    token.text = text_.substr(from, at_ - from);
    if (at("(") && opens_array(token.text)) read_array(token);
    return token;
  }

  void skip_blanks_and_lines() {
    for (skip_blanks(); !at_end() && text_[at_] == '\n'; skip_blanks()) {
      ++at_;
      ++line_;
    }
  }

  void read_array(ShellToken& token) {
    token.kind = ShellToken::Kind::array;
    ++at_;
    while (true) {
      skip_blanks_and_lines();
      if (at_end()) return;
      if (text_[at_] == ')') {
        ++at_;
        return;
      }
      ShellToken item = plain_word(metacharacters);
      if (!item.text.empty()) token.items.push_back(std::move(item));
    }
  }

  // A word that only `separators` end.
  ShellToken plain_word(std::string_view separators) {
    ShellToken token{.kind = ShellToken::Kind::word, .text = "", .items = {}, .line = line_};
    const std::size_t from = at_;
    while (!at_end() && separators.find(text_[at_]) == std::string_view::npos) advance_to(end_of_part());
    token.text = text_.substr(from, at_ - from);
    if (at_ == from) ++at_;
    return token;
  }

  // Between `[[` and `]]` parentheses, `<` and `|` are parts of an expression.
  void read_test() {
    while (true) {
      skip_blanks_and_lines();
      if (at_end()) return;
      ShellToken token = plain_word(at(";") ? metacharacters : std::string_view(" \t\n;"));
      if (token.text.empty()) return;
      const bool closes = token.text == "]]";
      tokens_.push_back(std::move(token));
      if (closes) return;
    }
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::uint32_t line_ = 1;
  std::vector<Delimiter> documents_;
  std::vector<ShellToken> tokens_;
};

}  // namespace

std::size_t after_template(std::string_view text, std::size_t from) {
  struct Pair {
    std::string_view opens, closes;
  };
  static constexpr std::array<Pair, 2> pairs = {
      Pair{"{{", "}}"},
      Pair{"<%", "%>"}
  };
  for (const Pair& pair : pairs) {
    if (text.substr(from, 2) != pair.opens) continue;
    const std::size_t end = text.substr(from, 300).find(pair.closes);
    if (end != std::string_view::npos && text.substr(from, end).find('\n') == std::string_view::npos)
      return from + end + 2;
  }
  return from;
}

std::size_t after_quoted(std::string_view text, std::size_t from) {
  std::string closers;
  std::size_t i = from;
  while (i < text.size()) {
    const char c = text[i];
    const char next = i + 1 < text.size() ? text[i + 1] : '\0';
    const char top = closers.empty() ? '\0' : closers.back();
    const bool in_double_quotes =
        top == '"' || (top == '}' && closers.size() > 1 && closers[closers.size() - 2] == '"');
    if (c == '\\' && !closers.empty()) {
      i = std::min(i + 2, text.size());
      continue;
    }
    if (!closers.empty() && c == top) {
      closers.pop_back();
      ++i;
    } else if (top == '`') {
      ++i;
    } else if (c == '$' && next == '\'' && !in_double_quotes) {
      i += 2;
      while (i < text.size() && text[i] != '\'') i += text[i] == '\\' ? 2 : 1;
      i = std::min(i + 1, text.size());
    } else if (c == '\'' && !in_double_quotes) {
      i = std::min(text.find('\'', i + 1), text.size() - 1) + 1;
    } else if (c == '$' && (next == '(' || next == '{')) {
      closers += next == '(' ? ')' : '}';
      i += 2;
    } else if (c == '"' || c == '`') {
      closers += c;
      ++i;
    } else if (c == '(' && (top == ')' || top == '\0')) {
      closers += ')';
      ++i;
    } else {
      ++i;
      if (closers.empty() && c != '<' && c != '>') return i;
      continue;
    }
    if (closers.empty()) return i;
  }
  return text.size();
}

std::vector<ShellToken> shell_tokens(std::string_view script) { return Lexer(script).tokens(); }

std::vector<Word> split_words(std::string_view text, const Position& at) {
  std::vector<Word> words;
  std::string current;
  bool open = false;
  char quote = '\0';
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool escapes = c == '\\' && quote != '\'' && i + 1 < text.size();
    if (escapes && (quote == '\0' || text[i + 1] == '"' || text[i + 1] == '\\')) {
      if (text[++i] != '\n') current += text[i], open = true;
    } else if (quote != '\0' ? c == quote : c == '"' || c == '\'') {
      quote = quote != '\0' ? '\0' : c;
      open = true;
    } else if (quote == '\0' && (c == ' ' || c == '\t' || c == '\n' || c == '\r')) {
      if (open) words.push_back({std::move(current), at});
      current.clear();
      open = false;
    } else {
      current += c;
      open = true;
    }
  }
  if (open) words.push_back({std::move(current), at});
  return words;
}

}  // namespace vramcalc::deployment
