#include <fmt/format.h>

#include <algorithm>

#include "render/grid.hpp"
#include "render/sections.hpp"
#include "render/table.hpp"

namespace vramcalc::render {
namespace {

constexpr std::size_t usual_rows = 30;

}  // namespace

std::string recommend(const RecommendReport& report, const Style& style) {
  using enum Column::Kind;
  const std::string unit(unit_name(style.units));
  Grid grid({
      {"model",         name,   0},
      {"parameters",    figure, 0},
      {"active",        figure, 3},
      {"quant",         name,   0},
      {"needs " + unit, figure, 1},
      {"context",       figure, 0},
      {"tokens/s",      figure, 2}
  });
  const std::size_t shown = style.all ? report.rows.size() : std::min(report.rows.size(), usual_rows);
  for (std::size_t i = 0; i < shown; ++i) {
    const RecommendReport::Row& row = report.rows[i];
    grid.add({row.id, parameters_text(row.parameters),
              row.active_parameters == row.parameters || row.active_parameters == 0
                  ? ""
                  : parameters_text(row.active_parameters),
              row.quantization, bytes_text(row.needed.best, style.units, style.units == Units::MiB ? 0 : 1),
              grouped(row.context), row.decode ? speed_text(*row.decode) : "-"});
  }
  if (report.rows.size() > shown)
    grid.add_note({fmt::format("and {} more (--all)", grouped(report.rows.size() - shown)), Ink::dim});
  const std::string title =
      fmt::format("{} models fit {} with {} tokens or more, {} do not:", grouped(report.rows.size()),
                  report.machine.name, grouped(report.least_context), grouped(report.too_large));
  return wrap(title, 0, 2, style) + (grid.empty() ? "" : grid.text(style)) +
         wrap("tokens/s: bounds for one sequence, from the bytes that a token reads", 2, 4, style) +
         warning_lines(report.warnings, style);
}

}  // namespace vramcalc::render
