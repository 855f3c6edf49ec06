#include <fmt/format.h>

#include <algorithm>

#include "render/document/answer.hpp"
#include "render/document/documents.hpp"
#include "render/document/words.hpp"

namespace vramcalc::render {
namespace {

constexpr std::size_t usual_rows = 30;
constexpr std::size_t usual_rows_per_family = 3;

std::vector<const RecommendReport::Row*> shown_of(const RecommendReport& report, const Content& content) {
  std::vector<const RecommendReport::Row*> shown;
  const RecommendReport::Row* before = nullptr;
  std::size_t of_family = 0;
  for (const RecommendReport::Row& row : report.rows) {
    const bool same = before != nullptr && !row.family.empty() && before->family == row.family &&
                      report.order == RecommendOrder::usual;
    of_family = same ? of_family + 1 : 1;
    before = &row;
    if (content.all || (of_family <= usual_rows_per_family && shown.size() < usual_rows))
      shown.push_back(&row);
  }
  return shown;
}

std::string active(const RecommendReport::Row& row) {
  const bool all = row.active_parameters == row.parameters || row.active_parameters == 0;
  return all ? "" : parameters_text(row.active_parameters);
}

std::string_view where_it_fits(const Machine& machine) {
  if (machine.device.backend == Backend::cpu) return "in host memory";
  return machine.devices.size() > 1 ? "entirely on the GPUs" : "entirely on the GPU";
}

std::string_view order_of(RecommendOrder order) {
  switch (order) {
    case RecommendOrder::speed: return "the fastest first";
    case RecommendOrder::size: return "the largest first";
    case RecommendOrder::recent: return "the newest first";
    case RecommendOrder::usual: break;
  }
  return "with room for 32K tokens first, then the newest half-year, then the largest of each family";
}

std::vector<Text> legend(const RecommendReport& report) {
  return {std::string(order_of(report.order)),
          fmt::format("quant: the largest that fits {}", where_it_fits(report.machine)),
          "context: the longest that fits with it",
          fmt::format("tokens/s: for one sequence at {} tokens", grouped(report.least_context))};
}

std::string_view do_not(std::size_t models) { return models == 1 ? "does not" : "do not"; }

std::string counts(const RecommendReport& report) {
  std::string text = fmt::format("{} {} {} with {} tokens or more", grouped(report.rows.size()),
                                 report.rows.size() == 1 ? "model fits" : "models fit", report.machine.name,
                                 grouped(report.least_context));
  if (report.least_speed > 0)
    text += fmt::format(" and write at least {} tokens/s, {} {} slower", decimal(report.least_speed, 0),
                        grouped(report.too_slow), report.too_slow == 1 ? "is" : "are");
  return text + fmt::format(", {} {}:", grouped(report.too_large), do_not(report.too_large));
}

std::vector<Column> columns(Units units) {
  using enum Column::Kind;
  return {
      {"model",                                  name,   0},
      {"parameters",                             figure, 3},
      {"active",                                 figure, 2},
      {"quant",                                  name,   0},
      {"needs " + std::string(unit_name(units)), figure, 1},
      {"context",                                figure, 0},
      {"tokens/s",                               figure, 5},
      {"released",                               name,   4}
  };
}

std::vector<Cell> cells(const RecommendReport::Row& row, Units units) {
  return cells_of(row.id, parameters_text(row.parameters), active(row), row.quantization,
                  bytes_text(row.needed.best, units, units == Units::MiB ? 0 : 1), grouped(row.context),
                  row.decode ? speed_text(row.decode->tokens_per_second) : "-",
                  row.release_date.empty() ? "-" : row.release_date);
}

Grid grid_of(const RecommendReport& report, const Content& content) {
  const std::vector<const RecommendReport::Row*> shown = shown_of(report, content);
  Grid grid;
  grid.columns = columns(content.units);
  for (const RecommendReport::Row* row : shown) grid.add(cells(*row, content.units));
  if (const std::size_t rest = report.rows.size() - shown.size(); rest > 0)
    grid.add_note(fmt::format("and {} more (--all)", grouped(rest)), Grid::Note::On::grid);
  return grid;
}

}  // namespace

Document document_of(const RecommendReport& report, const Content& content) {
  Section answer;
  answer.add(Paragraph::Kind::statement, counts(report));
  if (!report.rows.empty()) answer.add(grid_of(report, content));
  answer.add(Paragraph::Kind::legend, legend(report), Paragraph::Between::dot);
  add_warnings(answer, report.warnings);
  return Document(std::move(answer));
}

}  // namespace vramcalc::render
