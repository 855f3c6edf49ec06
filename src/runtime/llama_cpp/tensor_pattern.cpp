#include "runtime/llama_cpp/tensor_pattern.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "vramcalc/error.hpp"

namespace vramcalc::llama_cpp {
namespace {

// The longest pattern that llama.cpp itself writes has about 60 bytes; the longest published ones, which name
// each layer of a model, have a few hundred. This limit keeps recursive parsers and matchers shallow.
constexpr std::size_t longest_pattern = 1024;
constexpr std::uint64_t most_steps = 16'384;

// By default libstdc++ tries one path after another, which never ends for (.*)*!; this option makes it follow
// all paths at once. Other libraries throw error_complexity.
#ifdef __GLIBCXX__
constexpr auto syntax = std::regex::ECMAScript | std::regex::nosubs | std::regex_constants::__polynomial;
#else
constexpr auto syntax = std::regex::ECMAScript | std::regex::nosubs;
#endif

[[noreturn]] void refuse(std::string_view pattern, std::string_view why) {
  constexpr std::size_t shown = 60;
  const bool cut = pattern.size() > shown;
  throw Error(ErrorCode::bad_value,
              fmt::format("-ot \"{}{}\": {}", pattern.substr(0, shown), cut ? "..." : "", why));
}

std::regex compiled(const std::string& pattern, std::string_view shown) {
  try {
    return std::regex(pattern, syntax);
  } catch (const std::regex_error& error) {
    if (error.code() == std::regex_constants::error_complexity)
      refuse(shown, "back-references such as \\1 are not supported, since matching them can take forever");
    refuse(shown, "this is not a regular expression; -ot expects PATTERN=CPU, such as ffn_.*_exps=CPU");
  }
}

bool is_special(char letter) {
  return std::string_view("^$\\.*+?()[]{}|").find(letter) != std::string_view::npos;
}
bool is_repeat(char letter) { return std::string_view("*+?{").find(letter) != std::string_view::npos; }

// Where the class that begins at `at` ends.
std::size_t end_of_class(std::string_view pattern, std::size_t at) {
  for (++at; at < pattern.size() && pattern[at] != ']'; ++at)
    if (pattern[at] == '\\') ++at;
  return at;
}

bool has_alternatives(std::string_view pattern) {
  int depth = 0;
  for (std::size_t at = 0; at < pattern.size(); ++at) {
    if (pattern[at] == '\\')
      ++at;
    else if (pattern[at] == '[')
      at = end_of_class(pattern, at);
    else if (pattern[at] == '(')
      ++depth;
    else if (pattern[at] == ')')
      --depth;
    else if (pattern[at] == '|' && depth == 0)
      return true;
  }
  return false;
}

struct Beginning {
  std::string text;
  bool is_all = false;
};

Beginning literal_beginning(std::string_view pattern) {
  if (has_alternatives(pattern)) return {};
  Beginning beginning;
  std::size_t at = 0;
  while (at < pattern.size()) {
    const bool escaped = pattern[at] == '\\' && at + 1 < pattern.size() && is_special(pattern[at + 1]);
    if (!escaped && is_special(pattern[at])) break;
    beginning.text += pattern[escaped ? at + 1 : at];
    at += escaped ? 2 : 1;
  }
  if (at < pattern.size() && is_repeat(pattern[at]) && !beginning.text.empty()) beginning.text.pop_back();
  beginning.is_all = at == pattern.size();
  return beginning;
}

// The largest number in a pair of braces at `at`; 1 if there is none.
std::uint64_t repeats(std::string_view pattern, std::size_t at) {
  std::uint64_t most = 1, number = 0;
  for (++at; at < pattern.size() && pattern[at] != '}'; ++at) {
    const bool digit = std::isdigit(static_cast<unsigned char>(pattern[at])) != 0;
    number = digit ? std::min<std::uint64_t>(number * 10 + static_cast<std::uint64_t>(pattern[at] - '0'),
                                             most_steps)
                   : 0;
    most = std::max(most, number);
  }
  return most;
}

// Braces multiply what they repeat; a repeated group or a look-ahead is entered again at every byte.
std::uint64_t steps_of(std::string_view pattern) {
  constexpr std::uint64_t for_a_group = 16, for_a_look_ahead = 64;
  std::uint64_t steps = std::max<std::uint64_t>(pattern.size(), 1);
  const auto times = [&](std::uint64_t factor) { steps = std::min(steps * factor, most_steps + 1); };
  for (std::size_t at = 0; at < pattern.size(); ++at) {
    if (pattern[at] == '{') times(repeats(pattern, at));
    if (at > 0 && pattern[at - 1] == ')' && is_repeat(pattern[at]) && pattern[at] != '?') times(for_a_group);
    if (pattern.substr(at).starts_with("(?=") || pattern.substr(at).starts_with("(?!"))
      times(for_a_look_ahead);
  }
  return steps;
}

}  // namespace

TensorPattern::TensorPattern(const std::string& pattern) : text_(pattern), steps_(steps_of(pattern)) {
  if (pattern.size() > longest_pattern)
    refuse(pattern, fmt::format("a pattern of {} bytes is longer than the {} that are supported",
                                pattern.size(), longest_pattern));
  if (steps_ > most_steps) refuse(pattern, "this repeats too often to be matched in a reasonable time");
  Beginning beginning = literal_beginning(pattern);
  beginning_ = std::move(beginning.text);
  literal_ = beginning.is_all;
  if (!literal_) compiled(pattern, pattern);
}

// Matches the whole name with anything around the pattern, since a search would start again at every byte.
bool TensorPattern::matches(const std::string& name) {
  if (!may_match(name)) return false;
  if (literal_) return true;
  if (!search_) search_ = compiled("[^]*(?:" + text_ + ")[^]*", text_);
  try {
    return std::regex_match(name, *search_);
  } catch (const std::regex_error&) {
    refuse(text_, "matching this takes too long");
  }
}

}  // namespace vramcalc::llama_cpp
