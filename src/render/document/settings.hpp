#pragma once

#include <cstdint>
#include <string>

#include "vramcalc/report.hpp"

// The settings that the figures hold for, in words.
namespace vramcalc::render {

std::uint64_t asked_context(const Settings& settings);

// "llama.cpp 0.5.0 · 2 slots, a cache each": the runtime, and what was asked of it.
std::string settings_text(const Settings& settings);

// "room for 8 sequences of 4,096 tokens at once (-np 8 -c 32768)"; empty where it is one.
std::string room_text(const Room& room, const Settings& settings);

// Sites that compute by the rule of thumb have a chart of their own, without a measure.
bool has_charted_quality(const Settings& settings);

}  // namespace vramcalc::render
