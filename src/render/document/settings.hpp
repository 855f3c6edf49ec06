#pragma once

#include <cstdint>
#include <string>

#include "vramcalc/report.hpp"

// The settings behind the figures, in words.
namespace vramcalc::render {

std::uint64_t asked_context(const Settings& settings);

// "llama.cpp 0.5.0 · 2 slots, a cache each": the runtime and its options.
std::string settings_text(const Settings& settings);

}  // namespace vramcalc::render
