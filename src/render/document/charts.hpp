#pragma once

#include <vector>

#include "render/document.hpp"
#include "render/numbers.hpp"

namespace vramcalc::render {

// At most as many curves as a bar has parts: the smallest, the one asked for, the next better one and the
// largest.
std::vector<const MemoryCurves::Curve*> shown_curves(const OverviewReport& report);

// Empty if the report has no curves.
Section memory_chart(const OverviewReport& report, const Figures& figures);

// A bar for each device, of its terms and up to its usable memory.
void add_terms_chart(Section& to, const Estimate& estimate, const std::vector<PlaceFit>& places,
                     const Figures& figures);

}  // namespace vramcalc::render
