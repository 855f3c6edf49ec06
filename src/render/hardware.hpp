#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "render/sections.hpp"

// What the answer and the tables of hardware have in common.
namespace vramcalc::render {

using HardwareRows = std::vector<const HardwareRow*>;

inline constexpr std::array runnable = {Verdict::great, Verdict::fits, Verdict::tight, Verdict::offload};

HardwareRows with_verdict(const HardwareTable& table, Verdict verdict);

// GPUs and systems by turns, each in its own order.
HardwareRows by_turns(const HardwareRows& gpus, const HardwareRows& systems);

// On a narrow terminal without the brand.
std::string name_in(const HardwareRow& row, const Style& style);

// Where the text behind a verdict begins; one verdict is a long word.
std::size_t text_column(bool any_offload);

std::string listed(const std::vector<std::string>& parts);  // "38 great, 29 fits and 4 tight"

}  // namespace vramcalc::render
