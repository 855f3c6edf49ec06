#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "deployment/program.hpp"

namespace vramcalc::deployment {

// A value as its flag reads it.
struct ReadValue {
  std::optional<std::string> value;  // in the canonical form; empty: refused
  std::string wanted;                // what would not have been refused: "an integer"
  std::string surprise;              // how it reads otherwise than it looks: "is 32, since …"
  std::string fix;
};

ReadValue read_value(const ProgramFlag& flag, std::string_view text);

// JSON without spaces; empty if the text is not JSON.
std::optional<std::string> minified(std::string_view json);

// vLLM's human_readable_int; empty if it refuses the text.
std::optional<std::string> human_integer(std::string_view text);

// llama.cpp's words for on and off (common/arg.cpp, is_truthy and is_falsey).
bool is_truthy(std::string_view text);
bool is_falsey(std::string_view text);

}  // namespace vramcalc::deployment
