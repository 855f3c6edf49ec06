#pragma once

#include <string>
#include <string_view>

#include "render/document.hpp"
#include "render/numbers.hpp"

// The parts of the overview.
namespace vramcalc::render {

Section specification(const ModelSummary& summary, Units units);

// A few rows of every verdict: the answer. The tables below it: the usual rows, or all.
Section where_it_runs(const OverviewReport& report, const Figures& figures);
Section hardware_table(const HardwareTable& table, std::string_view what, const Settings& settings,
                       const Figures& figures, bool all);

// "DGX H200 1128GB, DGX H100 640GB and 3 more"; empty where nothing holds it.
std::string where_in_a_line(const OverviewReport& report);

Section quantization_table(const OverviewReport& report, const std::vector<QuantizationRow>& rows,
                           const Figures& figures, bool all);
Section gguf_table(const OverviewReport& report, const Figures& figures, bool all);

// Each term at the asked and at the full context, with its interval, its basis and its reason.
Section terms_table(const OverviewReport& report, const Figures& figures);

}  // namespace vramcalc::render
