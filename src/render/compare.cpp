#include <fmt/format.h>

#include <algorithm>

#include "render/grid.hpp"
#include "render/sections.hpp"
#include "render/table.hpp"

namespace vramcalc::render {
namespace {

using Row = CompareReport::Row;

std::vector<const Row*> with_figures(const CompareReport& report) {
  std::vector<const Row*> rows;
  for (const Row& row : report.rows)
    if (row.refused.empty()) rows.push_back(&row);
  return rows;
}

std::string contexts(const std::vector<const Row*>& rows) {
  std::uint64_t least = UINT64_MAX, most = 0;
  for (const Row* row : rows) {
    least = std::min(least, asked_context(row->settings));
    most = std::max(most, asked_context(row->settings));
  }
  return least == most ? grouped(least) : fmt::format("{} to {}", grouped(least), grouped(most));
}

// The smallest total decides on the decimals, so that no model drowns in one.
Figures figures_for(const std::vector<const Row*>& rows, const Style& style) {
  Bytes smallest = rows.front()->estimate.gpu_total().best;
  for (const Row* row : rows) smallest = std::min(smallest, row->estimate.gpu_total().best);
  return {style.units, decimals_for(smallest, style.units), rows.front()->settings.rounds_to};
}

std::vector<Column> columns(const CompareReport& report, const std::vector<const Row*>& rows) {
  using enum Column::Kind;
  const bool full = std::any_of(rows.begin(), rows.end(), [](const Row* row) { return row->full_context; });
  std::vector<Column> columns = {
      {"model",    name,   0},
      {"quant",    name,   0},
      {"bits",     figure, 3},
      {"weights",  figure, 4},
      {"cache",    figure, 5},
      {"needed",   figure, 0}
  };
  if (full) columns.push_back({"full context", figure, 6});
  columns.push_back({"file", figure, 2});
  columns.push_back({"KLD", figure, 1});
  for (const Machine& machine : report.machines) columns.push_back({machine.id, figure, 0});
  return columns;
}

Bytes cache_of(const Estimate& estimate) {
  return estimate.gpu_term(TermKind::kv_cache).best + estimate.gpu_term(TermKind::recurrent_state).best;
}

// "17.9 at 131K"
std::string at_full_context(const Row& row, const Figures& figures) {
  if (!row.full_context) return "-";
  return fmt::format("{} at {}", figures(row.full_context->gpu_total().best),
                     context_label(row.summary.model.architecture.context_length));
}

// "fits, 98K": the largest context that fits.
Cell fit_cell(const CompareReport::Fit& fit) {
  std::string text(to_string(fit.verdict));
  if (fit.max_context) text += ", " + context_label(*fit.max_context);
  return {std::move(text), ink_of(fit.verdict)};
}

std::vector<Cell> cells(const Row& row, bool full, const Figures& figures) {
  std::vector<Cell> cells = {
      row.summary.model.id.empty() ? row.summary.model.name : row.summary.model.id,
      row.quantization,
      decimal(row.bits_per_weight, 2),
      figures(row.estimate.gpu_term(TermKind::weights).best),
      figures(cache_of(row.estimate)),
      {figures(row.estimate.gpu_total().best), Ink::bold}
  };
  if (full) cells.emplace_back(at_full_context(row, figures));
  cells.emplace_back(figures.file_size(row.estimate.file_bytes));
  cells.emplace_back(row.kld ? decimal(*row.kld, *row.kld < 0.1 ? 3 : 2) : "-");
  for (const CompareReport::Fit& fit : row.fits) cells.push_back(fit_cell(fit));
  return cells;
}

std::string figures_of(const CompareReport& report, const std::vector<const Row*>& rows, const Style& style) {
  if (rows.empty()) return {};
  const Figures figures = figures_for(rows, style);
  const bool full = std::any_of(rows.begin(), rows.end(), [](const Row* row) { return row->full_context; });
  Grid grid(columns(report, rows), 0);
  for (const Row* row : rows) grid.add(cells(*row, full, figures));
  const std::string title = fmt::format("At {} tokens, in {}", contexts(rows), unit_name(style.units));
  return paint(title, Ink::bold, style) + '\n' + grid.text(style);
}

std::string refusals(const CompareReport& report, const Style& style) {
  std::string out;
  for (const Row& row : report.rows)
    if (!row.refused.empty())
      out += wrap(fmt::format("no {} of {}: {}", row.quantization, row.summary.model.name, row.refused), 0, 2,
                  style);
  return out;
}

}  // namespace

std::string compare(const CompareReport& report, const Style& style) {
  return figures_of(report, with_figures(report), style) + refusals(report, style) +
         warning_lines(report.warnings, style);
}

}  // namespace vramcalc::render
