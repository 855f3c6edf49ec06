#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "catalog/checkpoint_formats.hpp"
#include "vramcalc/architecture.hpp"
#include "vramcalc/checkpoint_format.hpp"
#include "vramcalc/quantization.hpp"

namespace vramcalc::catalog {

// A row, and what its spelling says besides.
struct SpelledFormat {
  const CheckpointFormatRow* row = nullptr;
  std::uint32_t hundredths_of_a_bit = 0;  // "4.65bpw": 465; 0 if it says none
  std::uint32_t group = 0;                // "g32", "128g"; 0 if it says none
};

// The format that a spelling means: its name ("fp8-dynamic", "GPTQ-Int4"), or words ("mlx 8bit", "4.65bpw").
// The row is null if there is none, or if its layout is unknown.
SpelledFormat spelled_format(std::string_view spelling, FormatWords words,
                             std::span<const CheckpointFormatRow> rows);

// The format of a model that a spelling means, with its bits and its group. Error (unsupported) if its layout
// is unknown, and (unknown_name) if nothing is called so.
CheckpointFormat checkpoint_format_named(std::string_view spelling, FormatWords words,
                                         std::span<const CheckpointFormatRow> rows,
                                         const Architecture& architecture);

}  // namespace vramcalc::catalog
