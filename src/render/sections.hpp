#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "render/numbers.hpp"
#include "render/text.hpp"
#include "vramcalc/report.hpp"

// What the overview and the check are put together from. Each part is whole lines, without empty ones around
// it.
namespace vramcalc::render {

std::string specification(const ModelSummary& summary, const Style& style);

// weights 404.0 + KV cache 0.1 + compute 0.4 + runtime 0.3..0.6
std::string terms_line(const Estimate& estimate, const Figures& figures, const Style& style);

// What the words of an answer mean, once where they stand: terms, and verdicts as far as they occur.
std::string terms_legend(const Estimate& estimate, const Style& style);
std::string verdicts_legend(std::span<const Verdict> verdicts, const Style& style);

// Each term at the asked and at the full context, with its interval, its basis and its reason.
std::string terms_table(const Estimate& estimate, const Estimate* full_context, const ModelSummary& summary,
                        const Settings& settings, const Figures& figures, const Style& style);

// --explain: formula, numbers, where they are from, whose rule it is.
std::string explanation_text(const std::optional<ExplanationReport>& explanation, const Figures& figures,
                             const Style& style);

std::string quantization_table(const OverviewReport& report, const Figures& figures, const Style& style);

// A few rows of every verdict: the answer. The tables below it: the usual rows, or all.
std::string where_it_runs(const OverviewReport& report, const Figures& figures, const Style& style);
std::string hardware_table(const HardwareTable& table, std::string_view what, const Settings& settings,
                           const Figures& figures, const Style& style);

// "DGX H200 1128GB, DGX H100 640GB and 3 others"; empty where nothing holds it.
std::string where_in_a_line(const OverviewReport& report);

// What each device needs, has, and is left with; `with_free` shows the last of these.
std::string devices_table(const std::vector<PlaceFit>& devices, bool with_free, const Figures& figures,
                          const Style& style);

// How many sequences fit at once; empty where it is one.
std::string room_line(const Room& room, const Style& style);

std::string warning_lines(const std::vector<std::string>& warnings, const Style& style);

// ---- words
// ---------------------------------------------------------------------------------------------------------

std::uint64_t asked_context(const Settings& settings);
std::string settings_text(const Settings& settings,
                          const Style& style);        // the runtime, and what was asked of it
std::string runtime_title(const Settings& settings);  // llama.cpp 0.5.0
std::string speed_text(const Range& range);           // "12..41"
std::string_view term_title(TermKind kind);           // "KV cache"
Ink ink_of(Verdict verdict);

// "RTX 4090" for "NVIDIA GeForce RTX 4090". The short name is also without what stands in brackets.
std::string_view without_brand(std::string_view name);
std::string short_name(std::string_view name);

}  // namespace vramcalc::render
