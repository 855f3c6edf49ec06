#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "deployment/shell_words.hpp"

// The commands of a script as a shell groups them (POSIX XCU 2.9). What is no shell is read as far as it
// goes.
namespace vramcalc::deployment {

struct ShellStep;
using ShellList = std::vector<ShellStep>;

struct ShellNode {
  enum class Kind : std::uint8_t {
    simple,    // words
    group,     // lists: the body
    subshell,  // lists: the body
    choice,    // if: lists: condition, body, condition, body, …, and a last body where there is an `else`
    each,      // for: name, words, lists: the body
    loop,      // while: lists: condition, body
    match,     // case: words: what is matched; patterns and lists: one an arm
    function,  // name, lists: the body
  };
  Kind kind = Kind::simple;
  std::string name;
  std::vector<ShellToken> words;
  std::vector<std::vector<ShellToken>> patterns;
  std::vector<ShellList> lists;
  bool negated_loop = false;    // until
  bool over_arguments = false;  // `for x` without `in`
  std::uint32_t line = 0;
};

struct ShellStep {
  enum class When : std::uint8_t { always, success, failure };  // of the step before: ; && ||
  ShellNode node;
  When when = When::always;
  bool background = false;
  bool piped = false;  // into another or from it
  bool negated = false;
};

// Error (bad_file) beyond a bound of depth.
ShellList parse_shell(std::string_view script, const std::string& file);

}  // namespace vramcalc::deployment
