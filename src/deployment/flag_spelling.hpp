#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "deployment/program.hpp"

namespace vramcalc::deployment {

// A flag that a word names.
struct NamedFlag {
  const ProgramFlag* flag = nullptr;
  bool negated = false;
  std::string spelling;                        // in full
  std::optional<std::string_view> value = {};  // that the word itself holds
};

// What a word is that could be a flag: one, none, or an abbreviation of several.
struct FlagMatch {
  std::optional<NamedFlag> named = {};
  std::vector<std::string> candidates = {};  // a few, if it is ambiguous
};

// As the release has them; `word` has dashes for underscores where the program takes both.
FlagMatch match_flag(const Program& program, std::string_view release, std::string_view word);

// Of the flags that an exact spelling names, the one that the release has.
std::optional<NamedFlag> exact_flag(const Program& program, std::string_view release,
                                    std::string_view spelling);

// The word with dashes for underscores in the flag's name, where the program takes both.
std::string with_dashes(const Program& program, std::string_view word);

// The spelling that was probably meant; empty if none is near.
std::string nearest_spelling(const Program& program, std::string_view word);

}  // namespace vramcalc::deployment
