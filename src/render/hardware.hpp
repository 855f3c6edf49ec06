#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "render/grid.hpp"
#include "render/sections.hpp"

// What the answer and the tables of hardware have in common.
namespace vramcalc::render {

using HardwareRows = std::vector<const HardwareRow*>;

inline constexpr std::array runnable = {Verdict::great, Verdict::fits, Verdict::tight, Verdict::offload};

HardwareRows with_verdict(const HardwareTable& table, Verdict verdict);
std::size_t count(const HardwareTable& table, Verdict verdict);  // with those that are not among the rows

// GPUs and systems by turns, each in its own order.
HardwareRows by_turns(const HardwareRows& gpus, const HardwareRows& systems);

// On a narrow terminal without the brand, and without what stands in brackets.
std::string name_in(const HardwareRow& row, const Style& style);

// The first cell of a row: the verdict, where it is the first of its kind. Wide enough for any verdict, so
// that what stands behind it begins at `text_column` with or without a table above.
inline constexpr std::size_t text_column = 11;
Cell verdict_cell(const HardwareRow& row, bool first);

// usable memory, largest context: the titles of these columns; `best` adds the best quantization.
std::vector<Column> hardware_columns(const Figures& figures, const Style& style, bool best);

std::string listed(const std::vector<std::string>& parts);  // "38 great, 29 fits and 4 tight"

}  // namespace vramcalc::render
