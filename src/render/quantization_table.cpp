#include <fmt/format.h>

#include <algorithm>

#include "render/grid.hpp"
#include "render/sections.hpp"

namespace vramcalc::render {
namespace {

constexpr std::size_t widest_bar = 24;
constexpr std::size_t narrowest_bar = 8;
constexpr int room_for_sentences = 170;  // columns from which the quality is told in words

bool is_shown(const QuantizationRow& row, const Style& style) {
  return row.in_default_table || row.chosen || row.recommended || style.all;
}

Ink ink_of(const QuantizationRow& row) {
  if (row.chosen) return Ink::bold;
  return row.recommended ? Ink::green : Ink::plain;
}

std::string mark(const QuantizationRow& row) { return row.recommended ? "* " : row.chosen ? "> " : "  "; }

// Sites that compute by the rule of thumb have a chart of their own, without a measure.
bool has_charted_quality(const OverviewReport& report) { return report.settings.counts_nominal_bits; }

std::string loss(const QuantizationRow& row, bool charted) {
  if (charted) return row.nominal_quality == 0 ? "-" : fmt::format("{} %", row.nominal_quality);
  return row.kld ? decimal(*row.kld, *row.kld < 0.1 ? 3 : 2) : "-";
}

std::string repeated(std::string_view piece, std::size_t times) {
  std::string out;
  while (times-- > 0) out += piece;
  return out;
}

// What it takes at the asked context, and beyond it what the full one adds, to the scale of the largest row.
std::string bar(const QuantizationRow& row, double largest, std::size_t columns, const Style& style) {
  const auto length = [&](Bytes bytes) {
    return static_cast<std::size_t>(
        static_cast<double>(bytes.count()) / largest * static_cast<double>(columns) + 0.5);
  };
  const std::size_t solid = std::max<std::size_t>(length(row.at_context.best), 1);
  const std::size_t whole = row.at_full_context ? std::max(length(row.at_full_context->best), solid) : solid;
  return repeated(style.unicode ? "█" : "#", solid) + repeated(style.unicode ? "░" : ".", whole - solid);
}

double largest_figure(const std::vector<const QuantizationRow*>& rows) {
  Bytes largest(1);
  for (const QuantizationRow* row : rows) {
    largest = std::max({largest, row->at_context.best, row->at_full_context.value_or(Amount{}).best});
  }
  return static_cast<double>(largest.count());
}

std::vector<Cell> bars(const std::vector<const QuantizationRow*>& rows, std::size_t columns,
                       const Style& style) {
  std::vector<Cell> cells;
  const double largest = largest_figure(rows);
  for (const QuantizationRow* row : rows)
    cells.emplace_back(bar(*row, largest, columns, style), ink_of(*row));
  return cells;
}

std::vector<Column> columns(const OverviewReport& report) {
  using enum Column::Kind;
  std::vector<Column> columns = {
      {"  Quantization", name,   0},
      {"bits",           figure, 0}
  };
  columns.push_back({"at " + grouped(asked_context(report.settings)), figure, 0});
  if (report.full_context)
    columns.push_back({"at " + grouped(report.summary.model.architecture.context_length), figure, 0});
  columns.push_back({"file", figure, 0});
  columns.push_back({has_charted_quality(report) ? "chart" : "KLD", figure, 3});
  columns.push_back({"loss", name, 2});
  return columns;
}

std::vector<Cell> cells(const QuantizationRow& row, const OverviewReport& report, const Figures& figures,
                        const Style& style) {
  const Ink ink = ink_of(row);
  std::vector<Cell> cells = {
      {mark(row) + row.name,        ink},
      {decimal(row.bits_per_weight, 2),  ink},
      {figures(row.at_context.best),                           ink  }
  };
  if (report.full_context) cells.emplace_back(row.at_full_context ? figures(row.at_full_context->best) : "-", ink);
  cells.emplace_back(figures.file_size(row.file_bytes), ink);
  cells.emplace_back(loss(row, has_charted_quality(report)), ink);
  cells.emplace_back(style.columns < room_for_sentences ? row.quality_class : row.quality, ink);
  return cells;
}

std::string legend(const OverviewReport& report, const Style& style) {
  std::vector<std::string> parts = {fmt::format("in {}", unit_name(style.units))};
  const auto any = [&](auto&& is) {
    return std::any_of(report.quantizations.begin(), report.quantizations.end(), is);
  };
  if (any([](const QuantizationRow& row) { return row.recommended; })) parts.push_back("* recommended");
  if (any([](const QuantizationRow& row) { return row.chosen && !row.recommended; }))
    parts.push_back("> asked for");
  parts.emplace_back(has_charted_quality(report)
                         ? "chart: quality as such a site draws it"
                         : "KLD: how far its output strays from FP16's, on Llama 3 8B");
  if (!style.all) parts.push_back("--all shows every one");
  return paint(flow(parts, {dot(style), 2, 2}, style), Ink::dim, style);
}

// Which of the types that would be shown this model cannot have, and why; a reason that several share stands
// once.
std::string refusals(const OverviewReport& report, const Style& style) {
  std::vector<std::pair<std::string_view, std::string>> names_by_reason;
  for (const QuantizationRow& row : report.quantizations) {
    if (row.refused.empty() || !is_shown(row, style)) continue;
    const auto same = std::find_if(names_by_reason.begin(), names_by_reason.end(),
                                   [&](const auto& entry) { return entry.first == row.refused; });
    if (same == names_by_reason.end()) {
      names_by_reason.emplace_back(row.refused, row.name);
    } else {
      same->second += ", " + row.name;
    }
  }
  std::string out;
  for (const auto& [reason, names] : names_by_reason)
    out += wrap(fmt::format("no {}: {}", names, reason), 2, 4, style);
  return out;
}

}  // namespace

std::string quantization_table(const OverviewReport& report, const Figures& figures, const Style& style) {
  std::vector<const QuantizationRow*> rows;
  for (const QuantizationRow& row : report.quantizations) {
    if (row.refused.empty() && is_shown(row, style)) rows.push_back(&row);
  }
  Grid grid(columns(report), 0);
  for (const QuantizationRow* row : rows)
    grid.add(cells(*row, report, figures, style));

  const std::size_t edge = static_cast<std::size_t>(style.columns), taken = grid.natural_width() + 2;
  if (taken + narrowest_bar <= edge) {
    const std::size_t length = std::min(widest_bar, edge - taken);
    grid.add_column({"", Column::Kind::name, 1}, bars(rows, length, style));
  }
  return grid.text(style) + refusals(report, style) + legend(report, style);
}

}  // namespace vramcalc::render
