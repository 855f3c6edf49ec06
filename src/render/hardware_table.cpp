#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "render/grid.hpp"
#include "render/hardware.hpp"

namespace vramcalc::render {
namespace {

std::size_t shown_of(const HardwareRows& rows, const Style& style) {
  return style.all ? rows.size() : std::min(rows.size(), rows_a_verdict);
}

std::string counts(const HardwareTable& table) {
  std::vector<std::string> parts;
  for (const Verdict verdict :
       {Verdict::great, Verdict::fits, Verdict::tight, Verdict::offload, Verdict::no}) {
    const std::size_t number = count(table, verdict);
    if (number > 0) parts.push_back(fmt::format("{} {}", grouped(number), to_string(verdict)));
  }
  return listed(parts);
}

std::string runnable_rows(const HardwareTable& table, const Figures& figures, const Style& style) {
  Grid grid(hardware_columns(figures, style, true));
  for (const Verdict verdict : runnable) {
    const HardwareRows rows = with_verdict(table, verdict);
    const std::size_t shown = shown_of(rows, style);
    for (const HardwareRow* row : std::span(rows).first(shown)) {
      grid.add({verdict_cell(*row, row == rows[0]), name_in(*row, style), figures(row->usable),
                or_dash(row->max_context), row->best_quantization});
    }
    const std::size_t all = count(table, verdict);
    if (all > shown)
      grid.add_note(
          {fmt::format("{:{}}and {} more (--all)", "", text_column - 2, grouped(all - shown)), Ink::dim});
  }
  return grid.empty() ? "" : grid.text(style);
}

// "RTX 4090 (x12)": twelve of them would hold it. Nothing is spread over several systems.
std::string too_small(const HardwareTable& table, const Style& style) {
  const HardwareRows rows = with_verdict(table, Verdict::no);
  const std::size_t shown = shown_of(rows, style);
  std::string text;
  for (const HardwareRow* row : std::span(rows).first(shown)) {
    if (!text.empty()) text += ", ";
    text += short_name(row->name);
    if (row->needed > 1 && !row->is_system) text += fmt::format(" (x{})", row->needed);
  }
  const std::size_t all = count(table, Verdict::no);
  if (all > shown) text += fmt::format(" and {} more (--all)", grouped(all - shown));
  return text;
}

}  // namespace

std::string hardware_table(const HardwareTable& table, std::string_view what, const Settings& settings,
                           const Figures& figures, const Style& style) {
  if (table.rows.empty()) return {};
  const std::string title =
      fmt::format("{} at {} and {} tokens:", what, settings.quantization, grouped(asked_context(settings)));
  const std::string no = too_small(table, style);
  return wrap(paint(title, Ink::bold, style) + ' ' + counts(table), 0, 2, style) +
         runnable_rows(table, figures, style) +
         (no.empty() ? "" : labelled(paint("no", Ink::red, style), no, 2, text_column, style));
}

}  // namespace vramcalc::render
