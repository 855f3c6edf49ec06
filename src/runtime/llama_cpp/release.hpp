#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "vramcalc/llama_cpp/release_rules.hpp"

namespace vramcalc::llama_cpp {

// Programs other than llama-server that load a model with llama.cpp's library, as --runtime names them.
std::span<const std::string_view> tools();

// The rules of a tool of a release. An empty tool is llama-server. `release` is a build (b9010), a version
// (0.4.2, 0.4.x), a date (2026-05, 2026-05-31) or empty for 0.5.0. Error (bad_value) for anything else and
// for releases with unknown rules.
ReleaseRules release_rules(std::string_view tool, std::string_view release);

// The rules that a release may have, with none of them unknown: the oldest first, and the most probable last.
std::vector<ReleaseRules> possible_rules(const ReleaseRules& rules);

}  // namespace vramcalc::llama_cpp
