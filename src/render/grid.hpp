#pragma once

#include <cstddef>
#include <string>

#include "render/document.hpp"

// A grid in columns of text. On a narrow terminal, titles and names are brief; then names that have a
// brief form are shortened where that saves a column, and columns are dropped in order; then names are cut,
// the widest first. Figures are never cut.
namespace vramcalc::render {

// Wide enough for any verdict, so that text after a label begins at `behind_label` with or without a grid.
inline constexpr std::size_t gap = 2, indentation = 2, label_width = 7;
inline constexpr std::size_t behind_label = indentation + label_width + gap;

std::string grid_text(const Grid& grid, const Style& style);

}  // namespace vramcalc::render
