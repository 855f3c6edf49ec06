#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "vramcalc/deployment.hpp"

namespace vramcalc::deployment {

inline constexpr std::size_t largest_yaml = std::size_t{4} << 20;
inline constexpr std::size_t deepest_yaml = 64;

// Error (bad_file), in the form "FILE:LINE: what is wrong".
[[noreturn]] void fail_at(const Position& at, std::string_view message);

// The text that yaml-cpp may read: UTF-8 without a byte order mark, control characters, and more brackets
// than its memory is worth, with lines that end in \n.
std::string yaml_text(const Input& input);

}  // namespace vramcalc::deployment
