#pragma once

#include <cstdint>
#include <optional>
#include <regex>
#include <string>
#include <string_view>

namespace vramcalc::llama_cpp {

// A pattern of -ot: an ECMAScript regular expression that is searched for in a tensor's name. It comes from
// outside, so that it must not take for ever: matching is polynomial where the standard library can do that,
// and the pattern says beforehand what it costs. Error (bad_value) for what is not a regular expression, and
// for what is too long or repeats too often.
class TensorPattern {
 public:
  explicit TensorPattern(const std::string& pattern);

  bool matches(const std::string& name);

  // What matching takes at most for each byte of a name, in steps of some nanoseconds; 0 for a name that does
  // not have the literal text that every match begins with.
  std::uint64_t steps_per_byte(std::string_view name) const { return may_match(name) ? steps_ : 0; }

 private:
  bool may_match(std::string_view name) const { return name.find(beginning_) != std::string_view::npos; }

  std::string text_;
  std::string beginning_;  // the literal text that every match begins with, as far as it is easily seen
  bool literal_ = false;   // the pattern is that text and nothing else
  std::uint64_t steps_ = 0;
  std::optional<std::regex> search_;  // built for the first name that may match
};

}  // namespace vramcalc::llama_cpp
