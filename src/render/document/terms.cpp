#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "render/document/overview.hpp"
#include "render/document/settings.hpp"
#include "render/document/words.hpp"

namespace vramcalc::render {
namespace {

bool is_nothing(const Amount& amount) { return amount.high == Bytes(0); }

// The least certain basis among the terms of a kind; empty if there are none.
std::string weakest_basis(const Estimate& estimate, TermKind kind) {
  std::optional<Basis> weakest;
  for (const PlaceEstimate& device : estimate.places) {
    for (const Term& term : device.terms)
      if (!device.place.is_host() && term.kind == kind)
        weakest = std::max(weakest, std::optional(term.basis));
  }
  return weakest ? std::string(to_string(*weakest)) : std::string();
}

// The figures at the requested and the full context, side by side.
class TermsGrid {
 public:
  TermsGrid(const OverviewReport& report, const Figures& figures) : report_(report), figures_(figures) {
    using enum Column::Kind;
    grid_.columns = {
        {"",                                              name,   0},
        {"at " + grouped(asked_context(report.settings)), figure, 0}
    };
    if (report.full_context)
      grid_.columns.push_back({"at " + grouped(report.summary.model.architecture.context_length), figure, 0});
    grid_.columns.push_back({"interval", figure, 1});
    grid_.columns.push_back({"known", name, 2});
  }

  // `of` gives the amount of an estimate.
  template <typename F>
  void add(std::string title, F&& of, std::string basis, Ink ink = Ink::plain) {
    add_texts(
        std::move(title), [&](const Estimate& estimate) { return figures_(of(estimate).best); },
        figures_.interval(of(report_.estimate)), std::move(basis), ink);
  }

  // `of` gives the figure as it is shown.
  template <typename F>
  void add_texts(std::string title, F&& of, std::string interval, std::string basis, Ink ink = Ink::plain) {
    std::vector<Cell> row = {
        {std::move(title),     ink},
        {of(report_.estimate), ink}
    };
    if (report_.full_context) row.emplace_back(of(*report_.full_context), ink);
    row.emplace_back(std::move(interval));
    row.emplace_back(std::move(basis), Ink::dim);
    grid_.add(std::move(row));
  }

  Grid grid() && { return std::move(grid_); }

 private:
  const OverviewReport& report_;
  const Figures& figures_;
  Grid grid_;
};

Grid grid_of(const OverviewReport& report, const Figures& figures) {
  TermsGrid grid(report, figures);
  const auto weights = [](const Estimate& of) { return of.gpu_term(TermKind::weights); };
  const auto total = [](const Estimate& of) { return of.gpu_total(); };
  for (const TermKind kind : all_term_kinds) {
    const auto figure = [kind](const Estimate& of) { return of.gpu_term(kind); };
    if (is_nothing(figure(report.estimate)) &&
        (!report.full_context || is_nothing(figure(*report.full_context))))
      continue;
    grid.add(std::string(term_title(kind)), figure, weakest_basis(report.estimate, kind));
  }
  grid.add("needed", total, "the sum", Ink::bold);
  grid.add(
      "besides weights",
      [&](const Estimate& of) {
        return Amount::exactly(figures.shown(total(of).best) - figures.shown(weights(of).best));
      },
      "");
  grid.add_texts(
      "recommended", [&](const Estimate& of) { return figures.rounded(of.recommended()); }, "",
      "1.3 times, for headroom");
  const auto in_host_memory = [](const Estimate& of) { return of.host_total(); };
  if (!is_nothing(in_host_memory(report.estimate))) grid.add("in host memory", in_host_memory, "");
  return std::move(grid).grid();
}

void add_reasons(Section& to, const Estimate& estimate) {
  for (const PlaceEstimate& device : estimate.places) {
    const std::string place = device.place.is_host() ? " in host memory" : "";
    for (const Term& term : device.terms) {
      if (term.why.empty() || is_nothing(term.amount)) continue;
      to.add(Paragraph::Kind::reason, fmt::format("{}{}: {}", term_title(term.kind), place, term.why));
    }
  }
}

}  // namespace

Section terms_table(const OverviewReport& report, const Figures& figures) {
  Section section;
  section.title =
      fmt::format("{} term by term, in {}", report.settings.quantization, unit_name(figures.units));
  section.add(grid_of(report, figures));
  add_reasons(section, report.estimate);
  return section;
}

}  // namespace vramcalc::render
