#pragma once

#include <cstdint>
#include <optional>
#include <regex>
#include <string>
#include <string_view>

namespace vramcalc::llama_cpp {

// A pattern of -ot: an ECMAScript regular expression that is searched for in a tensor's name. Since it is
// user input, matching must always end: it is polynomial if the standard library supports that, and its cost
// is known beforehand. Error (bad_value) if it is not a regular expression, is too long or repeats too often.
class TensorPattern {
 public:
  explicit TensorPattern(const std::string& pattern);

  bool matches(const std::string& name);

  // The most steps, of some nanoseconds each, that matching takes per byte of a name; 0 for a name without
  // the literal text that every match begins with.
  std::uint64_t steps_per_byte(std::string_view name) const { return may_match(name) ? steps_ : 0; }

 private:
  bool may_match(std::string_view name) const { return name.find(beginning_) != std::string_view::npos; }

  std::string text_;
  std::string beginning_;  // literal text that every match begins with, if it is easy to find
  bool literal_ = false;   // the pattern is that text and nothing else
  std::uint64_t steps_ = 0;
  std::optional<std::regex> search_;  // built for the first name that may match
};

}  // namespace vramcalc::llama_cpp
