#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "render/document/hardware.hpp"
#include "render/document/overview.hpp"
#include "render/document/settings.hpp"
#include "render/document/words.hpp"

namespace vramcalc::render {
namespace {

std::size_t shown_of(const HardwareRows& rows, bool all) {
  return all ? rows.size() : std::min(rows.size(), rows_per_verdict);
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

Grid runnable_rows(const HardwareTable& table, const Figures& figures, bool everything) {
  Grid grid;
  MoreColumns more{.best = true};
  for (const Verdict verdict : runnable) more.add_those_of(with_verdict(table, verdict));
  grid.columns = hardware_columns(figures.units, more);
  for (const Verdict verdict : runnable) {
    const HardwareRows rows = with_verdict(table, verdict);
    const std::size_t shown = shown_of(rows, everything);
    for (const HardwareRow* row : std::span(rows).first(shown))
      grid.add(hardware_cells(*row, row == rows[0], more, figures));
    const std::size_t all = count(table, verdict);
    if (all > shown)
      grid.add_note(fmt::format("and {} more (--all)", grouped(all - shown)), Grid::Note::On::group);
  }
  return grid;
}

// "RTX 4090 (x12)": twelve of them can hold it. A model is not split over several systems.
std::string too_small(const HardwareTable& table, bool everything) {
  const HardwareRows rows = with_verdict(table, Verdict::no);
  const std::size_t shown = shown_of(rows, everything);
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

Section hardware_table(const HardwareTable& table, std::string_view what, const Settings& settings,
                       const Figures& figures, bool all) {
  if (table.rows.empty()) return {};
  Section section;
  section.title =
      fmt::format("{} at {} and {} tokens", what, settings.quantization, grouped(asked_context(settings)));
  section.summary = counts(table);
  if (Grid grid = runnable_rows(table, figures, all); !grid.rows.empty()) section.add(std::move(grid));
  if (std::string no = too_small(table, all); !no.empty())
    section.add(Labelled{verdict_text(Verdict::no), std::move(no)});
  return section;
}

}  // namespace vramcalc::render
