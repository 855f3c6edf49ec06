#pragma once

#include <string_view>

#include "deployment/program.hpp"

namespace vramcalc::deployment {

// Whether a flag is in a release, as far as the samples of its source tell.
enum class Presence { present, not_yet, gone, unsure };

// The newest release: "", "latest", "nightly", "main".
bool is_newest(std::string_view release);

Presence presence_of(const ProgramFlag& flag, const Program& program, std::string_view release);

}  // namespace vramcalc::deployment
