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

// How much of the names the table itself shows: on a narrow terminal machines are numbered, with a line for
// each below the table; on a narrower one each model has a line of its own, too.
struct Names {
  bool machines = true, models = true;
};

std::vector<Column> columns(const CompareReport& report, const std::vector<const Row*>& rows,
                            const Names& names) {
  using enum Column::Kind;
  const bool full = std::any_of(rows.begin(), rows.end(), [](const Row* row) { return row->full_context; });
  std::vector<Column> columns;
  if (names.models) columns.push_back({"model", name, 0});
  for (const Column& column : {
           Column{"quant",   name,   0},
           Column{"bits",    figure, 3},
           Column{"weights", figure, 4},
           Column{"cache",   figure, 5},
           Column{"needed",  figure, 0}
  })
    columns.push_back(column);
  if (full) columns.push_back({"full context", figure, 6});
  columns.push_back({"file", figure, 2});
  columns.push_back({"KLD", figure, 1});
  for (std::size_t i = 0; i < report.machines.size(); ++i)
    columns.push_back({names.machines ? report.machines[i].id : fmt::format("[{}]", i + 1), figure, 0});
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

const std::string& name_of(const Row& row) {
  return row.summary.model.id.empty() ? row.summary.model.name : row.summary.model.id;
}

std::vector<Cell> cells(const Row& row, bool full, const Figures& figures, const Names& names) {
  std::vector<Cell> cells;
  if (names.models) cells.emplace_back(name_of(row));
  cells.emplace_back(row.quantization);
  cells.emplace_back(decimal(row.bits_per_weight, 2));
  cells.emplace_back(figures(row.estimate.gpu_term(TermKind::weights).best));
  cells.emplace_back(figures(cache_of(row.estimate)));
  cells.emplace_back(figures(row.estimate.gpu_total().best), Ink::bold);
  if (full) cells.emplace_back(at_full_context(row, figures));
  cells.emplace_back(figures.file_size(row.estimate.file_bytes));
  cells.emplace_back(row.kld ? decimal(*row.kld, *row.kld < 0.1 ? 3 : 2) : "-");
  for (const CompareReport::Fit& fit : row.fits) cells.push_back(fit_cell(fit));
  return cells;
}

Grid grid_of(const CompareReport& report, const std::vector<const Row*>& rows, const Figures& figures,
             const Names& names) {
  const bool full = std::any_of(rows.begin(), rows.end(), [](const Row* row) { return row->full_context; });
  Grid grid(columns(report, rows, names), names.models ? 0 : 2);
  std::string last;
  for (const Row* row : rows) {
    if (!names.models && name_of(*row) != last) grid.add_note({last = name_of(*row), Ink::bold});
    grid.add(cells(*row, full, figures, names));
  }
  return grid;
}

std::string numbered(const std::vector<Machine>& machines, const Style& style) {
  std::string out;
  for (std::size_t i = 0; i < machines.size(); ++i)
    out += wrap(fmt::format("[{}] {}", i + 1, machines[i].id), 2, 6, style);
  return out;
}

std::string legend(const CompareReport& report, const std::vector<const Row*>& rows, const Style& style) {
  std::vector<std::string> parts = {"needed: on one GPU", "cache: KV cache and recurrent state"};
  if (std::ranges::any_of(rows, [](const Row* row) { return row->kld.has_value(); }))
    parts.push_back("KLD: how far its output strays from FP16's, on Llama 3 8B");
  if (!report.machines.empty()) parts.push_back("behind each verdict: the largest context that fits");
  return paint(flow(parts, {dot(style), 2, 2}, style), Ink::dim, style);
}

std::string figures_of(const CompareReport& report, const std::vector<const Row*>& rows, const Style& style) {
  if (rows.empty()) return {};
  const Figures figures = figures_for(rows, style);
  const std::string title = fmt::format("At {} tokens, in {}", contexts(rows), unit_name(style.units));
  Names names;
  const auto is_too_wide = [&] {
    return grid_of(report, rows, figures, names).least_width() > static_cast<std::size_t>(style.columns);
  };
  if (is_too_wide()) names.machines = report.machines.empty();
  if (is_too_wide()) names.models = false;
  return paint(title, Ink::bold, style) + '\n' + grid_of(report, rows, figures, names).text(style) +
         (names.machines ? "" : numbered(report.machines, style)) + legend(report, rows, style);
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
