#include <fmt/format.h>

#include <algorithm>

#include "render/grid.hpp"
#include "render/sections.hpp"
#include "render/table.hpp"

namespace vramcalc::render {
namespace {

constexpr std::size_t usual_rows = 30;
constexpr std::size_t usual_rows_a_family = 3;

std::vector<const RecommendReport::Row*> shown_of(const RecommendReport& report, const Style& style) {
  std::vector<const RecommendReport::Row*> shown;
  const RecommendReport::Row* before = nullptr;
  std::size_t of_family = 0;
  for (const RecommendReport::Row& row : report.rows) {
    const bool same = before != nullptr && !row.family.empty() && before->family == row.family;
    of_family = same ? of_family + 1 : 1;
    before = &row;
    if (style.all || (of_family <= usual_rows_a_family && shown.size() < usual_rows)) shown.push_back(&row);
  }
  return shown;
}

std::string active(const RecommendReport::Row& row) {
  const bool all = row.active_parameters == row.parameters || row.active_parameters == 0;
  return all ? "" : parameters_text(row.active_parameters);
}

std::string legend(const RecommendReport& report, const Style& style) {
  std::vector<std::string> parts = {"newest half-year first, of each family the largest models",
                                    "quant: the largest that fits whole on the " +
                                        std::string(report.machine.devices.size() > 1 ? "GPUs" : "GPU"),
                                    "context: the longest that then fits",
                                    "tokens/s: estimated for one sequence"};
  return paint(flow(parts, {dot(style), 2, 2}, style), Ink::dim, style);
}

}  // namespace

std::string recommend(const RecommendReport& report, const Style& style) {
  using enum Column::Kind;
  const std::string unit(unit_name(style.units));
  Grid grid({
      {"model",         name,   0},
      {"parameters",    figure, 4},
      {"active",        figure, 2},
      {"quant",         name,   0},
      {"needs " + unit, figure, 1},
      {"context",       figure, 0},
      {"tokens/s",      figure, 3},
      {"released",      name,   5}
  });
  const std::vector<const RecommendReport::Row*> shown = shown_of(report, style);
  for (const RecommendReport::Row* row : shown)
    grid.add({row->id, parameters_text(row->parameters), active(*row), row->quantization,
              bytes_text(row->needed.best, style.units, style.units == Units::MiB ? 0 : 1),
              grouped(row->context), row->decode ? speed_text(*row->decode) : "-",
              row->release_date.empty() ? "-" : row->release_date});
  if (report.rows.size() > shown.size())
    grid.add_note({fmt::format("and {} more (--all)", grouped(report.rows.size() - shown.size())), Ink::dim});
  const std::string title =
      fmt::format("{} {} {} with {} tokens or more, {} {}:", grouped(report.rows.size()),
                  report.rows.size() == 1 ? "model fits" : "models fit", report.machine.name,
                  grouped(report.least_context), grouped(report.too_large),
                  report.too_large == 1 ? "does not" : "do not");
  return wrap(title, 0, 2, style) + (grid.empty() ? "" : grid.text(style)) + legend(report, style) +
         warning_lines(report.warnings, style);
}

}  // namespace vramcalc::render
