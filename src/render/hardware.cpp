#include "render/hardware.hpp"

#include <algorithm>

namespace vramcalc::render {
namespace {

constexpr int narrow = 72;  // columns below which a brand costs too much

}  // namespace

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

std::string name_in(const HardwareRow& row, const Style& style) {
  return style.columns < narrow ? short_name(row.name) : row.name;
}

Cell verdict_cell(const HardwareRow& row, bool first) {
  if (!first) return {};
  return {pad_right(std::string(to_string(row.verdict)), text_column - 4), ink_of(row.verdict)};
}

std::vector<Column> hardware_columns(const Figures& figures, const Style& style, bool best) {
  using enum Column::Kind;
  const std::string unit(unit_name(figures.units));
  const bool short_titles = style.columns < narrow;
  std::vector<Column> columns = {
      {"",                                       name,   0},
      {"",                                       name,   0},
      {short_titles ? unit : "usable " + unit,   figure, 0},
      {short_titles ? "context" : "max context", figure, 0},
  };
  if (best) columns.push_back({short_titles ? "best" : "best fit", name, 0});
  return columns;
}

std::string listed(const std::vector<std::string>& parts) {
  std::string out;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i > 0) out += i + 1 == parts.size() ? " and " : ", ";
    out += parts[i];
  }
  return out;
}

}  // namespace vramcalc::render
