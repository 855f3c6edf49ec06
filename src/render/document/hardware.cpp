#include "render/document/hardware.hpp"

#include <algorithm>

#include "render/document/words.hpp"

namespace vramcalc::render {

HardwareRows with_verdict(const HardwareTable& table, Verdict verdict) {
  HardwareRows rows;
  for (const HardwareRow& row : table.rows) {
    if (row.verdict == verdict) rows.push_back(&row);
  }
  return rows;
}

std::size_t count(const HardwareTable& table, Verdict verdict) {
  return table.unlisted[static_cast<std::size_t>(verdict)] +
         static_cast<std::size_t>(
             std::count_if(table.rows.begin(), table.rows.end(),
                           [&](const HardwareRow& row) { return row.verdict == verdict; }));
}

HardwareRows by_turns(const HardwareRows& gpus, const HardwareRows& systems) {
  HardwareRows rows;
  for (std::size_t i = 0; i < std::max(gpus.size(), systems.size()); ++i) {
    if (i < gpus.size()) rows.push_back(gpus[i]);
    if (i < systems.size()) rows.push_back(systems[i]);
  }
  return rows;
}

std::vector<Column> hardware_columns(Units units, bool best, bool notes) {
  using enum Column::Kind;
  const std::string unit(unit_name(units));
  std::vector<Column> columns = {
      {"",               label,  0, ""       },
      {"",               name,   0, ""       },
      {"usable " + unit, figure, 0, unit     },
      {"max context",    figure, 0, "context"},
  };
  if (best) columns.push_back({"best fit", name, 0, "best"});
  if (notes) columns.push_back({"", name, 0, ""});
  return columns;
}

std::vector<Cell> hardware_cells(const HardwareRow& row, bool first, const Figures& figures) {
  return cells_of(first ? verdict_text(row.verdict) : Text(), name_cell(row.name), figures(row.usable),
                  or_dash(row.max_context));
}

Cell kernels_cell(const HardwareRow& row) { return row.weight_only ? Cell("16-bit kernels") : Cell(); }

bool any_weight_only(const HardwareRows& rows) {
  return std::ranges::any_of(rows, [](const HardwareRow* row) { return row->weight_only; });
}

}  // namespace vramcalc::render
