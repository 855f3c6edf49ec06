#pragma once

#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "deployment/shell_scope.hpp"

namespace vramcalc::deployment {

// Expands words as a shell does (POSIX XCU 2.6): parameters, arithmetic, field splitting, quote removal.
// Names of files are not expanded.
class ShellExpander {
 public:
  // Sees the commands of a `$(…)`, and gives its output where that is plain.
  using Substitute = std::function<std::optional<Text>(std::string_view commands)>;

  ShellExpander(Scope& scope, const Supplied& supplied, Substitute substitute = nullptr)
      : scope_(scope), supplied_(supplied), substitute_(std::move(substitute)) {}

  // In a test, a variable that nothing sets is empty, as `${NAME:-}` says in words.
  void take_unset_as_empty() { unset_is_empty_ = true; }

  std::vector<Text> fields(std::string_view word);  // of a command
  Text value(std::string_view word);                // of an assignment: one text
  Text quoted(std::string_view text);               // what stands between double quotes

  // Whether a default stood in for a variable without a value.
  bool assumed() const { return assumed_; }
  // Whether "$@" was left out, since only the caller of the script knows it.
  bool left_out_arguments() const { return left_out_arguments_; }

 private:
  struct Fields {
    std::vector<Text> done;
    Text current;
    bool open = false;
    void add(const Text& text);
    void split(const Text& text);
    void end();
  };
  struct Parameter {
    std::string_view name;
    std::string_view subscript;
    std::string_view operation;  // with its word
    std::string spelled;
  };
  struct Found {
    std::vector<Text> items = {};
    bool is_list = false;  // "$@", "${A[@]}": items are fields of their own
    bool is_set = false;
    bool is_unknown = false;  // whether it is set is not known
  };

  void expand(std::string_view text, bool is_quoted, Fields& fields);
  std::size_t expand_one(std::string_view text, std::size_t i, bool is_quoted, Fields& fields);
  std::size_t backslash(std::string_view text, std::size_t i, bool is_quoted, Fields& fields);
  std::size_t dollar(std::string_view text, std::size_t i, bool is_quoted, Fields& fields);
  void single_quoted(std::string_view text, Fields& fields);
  void substitution(std::string_view commands, bool is_quoted, Fields& fields);
  void arithmetic(std::string_view expression, Fields& fields);
  void braces(std::string_view inside, bool is_quoted, Fields& fields);
  void parameter(const Parameter& parameter, bool is_quoted, Fields& fields);
  void use_word(std::string_view word, bool is_quoted, Fields& fields);
  void put(const Found& found, bool is_quoted, Fields& fields);
  void put_operated(const Parameter& parameter, const Found& found, bool is_quoted, Fields& fields);
  Found find(const Parameter& parameter);
  Found find_special(const Parameter& parameter);
  Text missing(const Parameter& parameter);

  Scope& scope_;
  const Supplied& supplied_;
  Substitute substitute_;
  bool unset_is_empty_ = false;
  bool assumed_ = false;
  bool left_out_arguments_ = false;
  bool splits_ = true;
  int depth_ = 0;
  std::size_t put_ = 0;  // characters of values so far
};

Text template_hole(std::string_view spelled);

}  // namespace vramcalc::deployment
