#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "deployment/text.hpp"

// The variables of a shell, as far as a script determines them.
namespace vramcalc::deployment {

struct ShellValue {
  std::vector<Text> items = {};  // one unless it is an array
  bool is_array = false;
  bool is_exported = false;
  friend bool operator==(const ShellValue&, const ShellValue&) = default;
};

struct Scope {
  std::map<std::string, ShellValue, std::less<>> values;
  std::vector<Text> arguments;   // $1, $2, …
  bool knows_arguments = false;  // those of a function; a script's are its caller's
  std::string sourced;           // a file that may have set anything; empty: none
  friend bool operator==(const Scope&, const Scope&) = default;
};

// What the script itself says; null if nothing.
const ShellValue* find_value(const Scope& scope, std::string_view name);
void assign(Scope& scope, const std::string& name, ShellValue value);
// `NAME+=`: to a text, or items to an array.
void append(Scope& scope, const std::string& name, ShellValue value);
// The value becomes unknown.
void forget(Scope& scope, const std::string& name, std::string why);
// After a file of settings was read that is not at hand.
void forget_all(Scope& scope, const std::string& file);

// What holds after one of two ways; what they do not agree on is unknown from where they part.
Scope merge(Scope one, const Scope& other);

}  // namespace vramcalc::deployment
