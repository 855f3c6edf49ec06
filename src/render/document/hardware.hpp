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

// The columns after verdict, name, usable memory and largest context.
struct MoreColumns {
  bool best = false;    // the best quantization
  bool speeds = false;  // some row has a speed
  bool notes = false;   // some row only stores the quantization

  void add_those_of(const HardwareRows& rows);
};
std::vector<Column> hardware_columns(Units units, const MoreColumns& more);
// `first`: of its verdict
std::vector<Cell> hardware_cells(const HardwareRow& row, bool first, const MoreColumns& more,
                                 const Figures& figures);

}  // namespace vramcalc::render
