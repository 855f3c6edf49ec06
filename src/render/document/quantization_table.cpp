#include <fmt/format.h>

#include <algorithm>

#include "render/document/overview.hpp"
#include "render/document/settings.hpp"
#include "render/document/words.hpp"

namespace vramcalc::render {
namespace {

bool is_shown(const QuantizationRow& row, bool all) {
  return row.in_default_table || row.chosen || row.recommended || all;
}

Ink ink_of(const QuantizationRow& row) {
  if (row.chosen) return Ink::bold;
  return row.recommended ? Ink::green : Ink::plain;
}

char mark(const QuantizationRow& row) { return row.recommended ? '*' : row.chosen ? '>' : ' '; }

// Sites that use the rule of thumb have a quality chart without a measure.
std::string loss(const QuantizationRow& row, bool charted) {
  if (charted) return row.nominal_quality == 0 ? "-" : fmt::format("{} %", row.nominal_quality);
  return kld_text(row.kld);
}

std::vector<const QuantizationRow*> shown_of(const std::vector<QuantizationRow>& all_rows, bool all) {
  std::vector<const QuantizationRow*> rows;
  for (const QuantizationRow& row : all_rows) {
    if (row.refused.empty() && is_shown(row, all)) rows.push_back(&row);
  }
  return rows;
}

double largest_figure(const std::vector<const QuantizationRow*>& rows) {
  Bytes largest(1);
  for (const QuantizationRow* row : rows) {
    largest = std::max({largest, row->at_context.best, row->at_full_context.value_or(Amount{}).best});
  }
  return static_cast<double>(largest.count());
}

// What it needs at the requested context, and what the full one adds.
Bar bar_of(const QuantizationRow& row, double largest) {
  const auto length = [&](Bytes bytes) { return static_cast<double>(bytes.count()) / largest; };
  const double solid = length(row.at_context.best);
  return {
      {solid, row.at_full_context ? std::max(length(row.at_full_context->best), solid) : solid}
  };
}

bool has_losses(const OverviewReport& report, const std::vector<const QuantizationRow*>& rows) {
  return report.settings.counts_nominal_bits || rows.empty() ||
         std::ranges::any_of(rows, [](const QuantizationRow* row) { return row->kld.has_value(); });
}

std::vector<Column> columns(const OverviewReport& report, bool losses) {
  using enum Column::Kind;
  std::vector<Column> columns = {
      {"Quantization",                                  name,   0},
      {"bits",                                          figure, 0},
      {"at " + grouped(asked_context(report.settings)), figure, 0}
  };
  if (report.full_context)
    columns.push_back({"at " + grouped(report.summary.model.architecture.context_length), figure, 0});
  columns.push_back({"file", figure, 0});
  if (losses) columns.push_back({report.settings.counts_nominal_bits ? "chart" : "KLD", figure, 3});
  columns.push_back({losses ? "loss" : "", sentence, 2});
  return columns;
}

std::vector<Cell> cells(const QuantizationRow& row, const OverviewReport& report, bool losses,
                        const Figures& figures) {
  const Ink ink = ink_of(row);
  std::vector<Cell> cells = {
      {row.name,                    ink},
      {decimal(row.bits_per_weight, 2),  ink},
      {figures(row.at_context.best),                           ink  }
  };
  if (report.full_context)
    cells.emplace_back(row.at_full_context ? figures(row.at_full_context->best) : "-", ink);
  cells.emplace_back(figures.file_size(row.file_bytes), ink);
  if (losses) cells.emplace_back(loss(row, report.settings.counts_nominal_bits), ink);
  cells.emplace_back(Text(row.quality, ink), Text(losses ? row.quality_class : "", ink));
  return cells;
}

Grid grid_of(const OverviewReport& report, const std::vector<const QuantizationRow*>& rows,
             const Figures& figures) {
  Grid grid;
  grid.indented = false;
  const bool losses = has_losses(report, rows);
  grid.columns = columns(report, losses);
  const double largest = largest_figure(rows);
  for (const QuantizationRow* row : rows)
    grid.rows.push_back({cells(*row, report, losses, figures), mark(*row), bar_of(*row, largest)});
  return grid;
}

std::vector<Text> legend(const OverviewReport& report, const std::vector<QuantizationRow>& rows, Units units,
                         bool all) {
  std::vector<Text> parts = {fmt::format("in {}", unit_name(units))};
  const auto any = [&](auto&& is) { return std::ranges::any_of(rows, is); };
  if (any([](const QuantizationRow& row) { return row.recommended; })) parts.emplace_back("* recommended");
  if (any([](const QuantizationRow& row) { return row.chosen && !row.recommended; }))
    parts.emplace_back("> asked for");
  if (has_losses(report, shown_of(rows, all)))
    parts.emplace_back(report.settings.counts_nominal_bits
                           ? "chart: quality bars of model-card sites"
                           : "KLD: divergence from the FP16 output, on Llama 3 8B");
  if (!all) parts.emplace_back("--all shows all");
  return parts;
}

// The types that this model cannot have, and why; a shared reason is given once.
void add_refusals(Section& to, const std::vector<QuantizationRow>& rows, bool all) {
  std::vector<std::pair<std::string_view, std::string>> names_by_reason;
  for (const QuantizationRow& row : rows) {
    if (row.refused.empty() || !is_shown(row, all)) continue;
    const auto same = std::find_if(names_by_reason.begin(), names_by_reason.end(),
                                   [&](const auto& entry) { return entry.first == row.refused; });
    if (same == names_by_reason.end()) {
      names_by_reason.emplace_back(row.refused, row.name);
    } else {
      same->second += ", " + row.name;
    }
  }
  for (const auto& [reason, names] : names_by_reason)
    to.add(Paragraph::Kind::detail, fmt::format("no {}: {}", names, reason));
}

}  // namespace

Section quantization_table(const OverviewReport& report, const std::vector<QuantizationRow>& rows,
                           const Figures& figures, bool all) {
  Section section;
  if (rows.empty()) return section;
  section.add(grid_of(report, shown_of(rows, all), figures));
  add_refusals(section, rows, all);
  section.add(Paragraph::Kind::legend, legend(report, rows, figures.units, all), Paragraph::Between::dot);
  return section;
}

Section gguf_table(const OverviewReport& report, const Figures& figures, bool all) {
  Section section = quantization_table(report, report.gguf_quantizations, figures, all);
  if (!report.gguf_quantizations.empty()) section.title = "As GGUF, for " + report.gguf_runtime;
  return section;
}

}  // namespace vramcalc::render
