#include "deployment/yaml_text.hpp"

#include <fmt/format.h>

#include "model/printable.hpp"
#include "vramcalc/error.hpp"

namespace vramcalc::deployment {
namespace {

// yaml-cpp keeps all tokens of a flow collection before it tells of the first one.
constexpr std::size_t most_flow_marks = 1'000'000;
constexpr std::size_t most_open_brackets = 1'000;

void check_size(const Input& input) {
  if (input.text.size() <= largest_yaml) return;
  fail_at({input.name, 0}, fmt::format("the file has {} MiB, and manifests of at most {} MiB are read",
                                       (input.text.size() >> 20) + 1, largest_yaml >> 20));
}

// yaml-cpp takes \x04 for the end of the file, and YAML has no control characters.
bool is_control(std::uint32_t code) {
  return (code < 0x20 && code != '\t' && code != '\n' && code != '\r') || code == 0x7f;
}

void check_characters(std::string_view text, const std::string& file) {
  Position at{file, 1};
  while (!text.empty()) {
    const Character character = first_character(text);
    if (!character.code) fail_at(at, "the text is not UTF-8");
    if (is_control(*character.code))
      fail_at(at, fmt::format("the control character \\x{:02x} has no place in YAML", *character.code));
    if (*character.code == '\n') ++at.line;
    text.remove_prefix(character.bytes);
  }
}

// Brackets in texts and comments count too, so that the bounds are wide.
void check_brackets(std::string_view text, const std::string& file) {
  Position at{file, 1};
  std::size_t marks = 0, open = 0;
  for (const char c : text) {
    if (c == '\n') ++at.line;
    const bool opens = c == '[' || c == '{';
    if (opens) ++open;
    if ((c == ']' || c == '}') && open > 0) --open;
    if (opens || c == ',') ++marks;
    if (open > most_open_brackets) fail_at(at, fmt::format("the nesting is deeper than {}", deepest_yaml));
    if (marks > most_flow_marks) fail_at(at, "too many brackets and commas");
  }
}

std::string with_unix_lines(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i)
    if (text[i] != '\r' || i + 1 == text.size() || text[i + 1] != '\n') result.push_back(text[i]);
  return result;
}

}  // namespace

void fail_at(const Position& at, std::string_view message) {
  const std::string line = at.line == 0 ? std::string() : fmt::format(":{}", at.line);
  throw Error(ErrorCode::bad_file, fmt::format("{}{}: {}", at.file, line, message));
}

std::string yaml_text(const Input& input) {
  check_size(input);
  std::string_view text = input.text;
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  check_characters(text, input.name);
  check_brackets(text, input.name);
  return with_unix_lines(text);
}

}  // namespace vramcalc::deployment
