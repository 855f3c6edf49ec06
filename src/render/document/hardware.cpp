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

void MoreColumns::add_those_of(const HardwareRows& rows) {
  for (const HardwareRow* row : rows) {
    speeds = speeds || row->decode;
    notes = notes || row->weight_only;
  }
}

std::vector<Column> hardware_columns(Units units, const MoreColumns& more) {
  using enum Column::Kind;
  const std::string unit(unit_name(units));
  std::vector<Column> columns = {
      {"",               label,  0, ""       },
      {"",               name,   0, ""       },
      {"usable " + unit, figure, 0, unit     },
      {"max context",    figure, 0, "context"},
  };
  if (more.speeds) columns.push_back({"tokens/s", figure, 1});
  if (more.best) columns.push_back({"best fit", name, 0, "best"});
  if (more.notes) columns.push_back({"", name, 0, ""});
  return columns;
}

std::vector<Cell> hardware_cells(const HardwareRow& row, bool first, const MoreColumns& more,
                                 const Figures& figures) {
  std::vector<Cell> cells = cells_of(first ? verdict_text(row.verdict) : Text(), name_cell(row.name),
                                     figures(row.usable), or_dash(row.max_context));
  if (more.speeds) cells.emplace_back(row.decode ? speed_text(row.decode->tokens_per_second) : "-");
  if (more.best) cells.emplace_back(row.best_quantization);
  if (more.notes) cells.push_back(row.weight_only ? Cell("16-bit kernels") : Cell());
  return cells;
}

}  // namespace vramcalc::render
