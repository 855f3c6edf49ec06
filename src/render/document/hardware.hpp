#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <vector>

#include "render/document.hpp"
#include "render/numbers.hpp"

// Shared by the answer and the hardware tables.
namespace vramcalc::render {

using HardwareRows = std::vector<const HardwareRow*>;

inline constexpr std::array runnable = {Verdict::great, Verdict::fits, Verdict::tight, Verdict::offload};

HardwareRows with_verdict(const HardwareTable& table, Verdict verdict);
std::size_t count(const HardwareTable& table, Verdict verdict);  // including those without a row

// GPUs and systems in turn, each in its own order.
HardwareRows by_turns(const HardwareRows& gpus, const HardwareRows& systems);

// verdict, name, usable memory, largest context; `best` adds the best quantization.
// `notes`: some row only stores the quantization.
std::vector<Column> hardware_columns(Units units, bool best, bool notes);
// `first`: of its verdict
std::vector<Cell> hardware_cells(const HardwareRow& row, bool first, const Figures& figures);

// "16-bit kernels" for hardware that only stores the quantization.
Cell kernels_cell(const HardwareRow& row);
bool any_weight_only(const HardwareRows& rows);

}  // namespace vramcalc::render
