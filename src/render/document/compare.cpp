#include <fmt/format.h>

#include <algorithm>

#include "render/document/answer.hpp"
#include "render/document/documents.hpp"
#include "render/document/settings.hpp"
#include "render/document/words.hpp"

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

// The smallest total decides the number of decimals, so that no model loses its digits.
Figures figures_for(const std::vector<const Row*>& rows, Units units) {
  Bytes smallest = rows.front()->estimate.gpu_total().best;
  for (const Row* row : rows) smallest = std::min(smallest, row->estimate.gpu_total().best);
  return {units, decimals_for(smallest, units), rows.front()->settings.rounds_to};
}

bool any_full_context(const std::vector<const Row*>& rows) {
  return std::ranges::any_of(rows, [](const Row* row) { return row->full_context.has_value(); });
}

const std::string& program_of(const Row& row) {
  return row.settings.tool.empty() ? row.settings.runtime : row.settings.tool;
}

bool names_runtimes(const std::vector<const Row*>& rows) {
  return std::ranges::any_of(rows,
                             [&](const Row* row) { return program_of(*row) != program_of(*rows.front()); });
}

struct Shown {
  bool runtime, full;
};

std::vector<Column> columns(const CompareReport& report, const Shown& shown) {
  using enum Column::Kind;
  std::vector<Column> columns = {
      {"model", group, 0}
  };
  if (shown.runtime) columns.push_back({"runtime", name, 1});
  const std::vector<Column> figures = {
      {"quant",   name,   0},
      {"bits",    figure, 3},
      {"weights", figure, 4},
      {"cache",   figure, 5},
      {"needed",  figure, 0}
  };
  columns.insert(columns.end(), figures.begin(), figures.end());
  if (shown.full) columns.push_back({"full context", figure, 6});
  columns.push_back({"file", figure, 2});
  columns.push_back({"KLD", figure, 1});
  for (const Machine& machine : report.machines) columns.push_back({machine.id, numbered, 0});
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

std::vector<Cell> cells(const Row& row, const Shown& shown, const Figures& figures) {
  std::vector<Cell> cells = cells_of(name_of(row));
  if (shown.runtime) cells.emplace_back(program_of(row));
  for (Cell& cell :
       cells_of(row.quantization, decimal(row.bits_per_weight, 2),
                figures(row.estimate.gpu_term(TermKind::weights).best), figures(cache_of(row.estimate)),
                Cell(figures(row.estimate.gpu_total().best), Ink::bold)))
    cells.push_back(std::move(cell));
  if (shown.full) cells.emplace_back(at_full_context(row, figures));
  cells.emplace_back(figures.file_size(row.estimate.file_bytes));
  cells.emplace_back(kld_text(row.kld));
  for (const CompareReport::Fit& fit : row.fits) cells.push_back(fit_cell(fit));
  return cells;
}

Grid grid_of(const CompareReport& report, const std::vector<const Row*>& rows, const Figures& figures) {
  const Shown shown{names_runtimes(rows), any_full_context(rows)};
  Grid grid;
  grid.indented = false;
  grid.columns = columns(report, shown);
  for (const Row* row : rows) grid.add(cells(*row, shown, figures));
  return grid;
}

std::vector<Text> legend(const CompareReport& report, const std::vector<const Row*>& rows) {
  std::vector<Text> parts = {"needed: on one GPU", "cache: KV cache and recurrent state"};
  if (std::ranges::any_of(rows, [](const Row* row) { return row->kld.has_value(); }))
    parts.emplace_back("KLD: divergence from the FP16 output, on Llama 3 8B");
  if (!report.machines.empty()) parts.emplace_back("after each verdict: the largest context that fits");
  return parts;
}

void add_figures(Section& to, const CompareReport& report, Units units) {
  const std::vector<const Row*> rows = with_figures(report);
  if (rows.empty()) return;
  to.title = fmt::format("At {} tokens, in {}", contexts(rows), unit_name(units));
  to.add(grid_of(report, rows, figures_for(rows, units)));
  to.add(Paragraph::Kind::legend, legend(report, rows), Paragraph::Between::dot);
}

// ---- how fast

// On one machine, what is known least of.
std::optional<SpeedBasis> basis_on(const std::vector<const Row*>& rows, std::size_t machine) {
  std::optional<SpeedBasis> basis;
  for (const Row* row : rows)
    if (const auto& decode = row->fits[machine].decode)
      basis = std::max(basis.value_or(decode->basis), decode->basis);
  return basis;
}

std::vector<Cell> speed_cells(const Row& row, bool with_runtime) {
  std::vector<Cell> cells = cells_of(name_of(row));
  if (with_runtime) cells.emplace_back(program_of(row));
  cells.emplace_back(row.quantization);
  for (const CompareReport::Fit& fit : row.fits)
    cells.emplace_back(fit.decode ? speed_text(fit.decode->tokens_per_second) : "-");
  return cells;
}

Grid speed_grid(const CompareReport& report, const std::vector<const Row*>& rows) {
  using enum Column::Kind;
  const bool with_runtime = names_runtimes(rows);
  Grid grid;
  grid.indented = false;
  grid.columns = {
      {"model", group, 0}
  };
  if (with_runtime) grid.columns.push_back({"runtime", name, 1});
  grid.columns.push_back({"quant", name, 0});
  for (const Machine& machine : report.machines) grid.columns.push_back({machine.id, numbered, 0});
  for (const Row* row : rows) grid.add(speed_cells(*row, with_runtime));
  return grid;
}

Section speeds(const CompareReport& report) {
  const std::vector<const Row*> rows = with_figures(report);
  std::vector<Text> bases;
  for (std::size_t i = 0; i < report.machines.size(); ++i)
    if (const auto basis = basis_on(rows, i))
      bases.emplace_back(fmt::format("{}: {}", report.machines[i].id, to_string(*basis)));
  Section section;
  if (bases.empty()) return section;
  section.title = "Estimated tokens per second of one sequence";
  section.add(speed_grid(report, rows));
  section.add(Paragraph::Kind::legend, std::move(bases), Paragraph::Between::dot);
  return section;
}

void add_refusals(Section& to, const CompareReport& report) {
  for (const Row& row : report.rows)
    if (!row.refused.empty())
      to.add(Paragraph::Kind::statement,
             fmt::format("no {} of {}: {}", row.quantization, row.summary.model.name, row.refused));
}

}  // namespace

Document document_of(const CompareReport& report, const Content& content) {
  Section figures, fast = speeds(report);
  add_figures(figures, report, content.units);
  add_refusals(figures, report);
  add_warnings(fast.blocks.empty() ? figures : fast, report.warnings);
  Document document(std::move(figures));
  document.add(std::move(fast));
  return document;
}

}  // namespace vramcalc::render
