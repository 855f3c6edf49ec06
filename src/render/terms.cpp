#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "render/grid.hpp"
#include "render/sections.hpp"

namespace vramcalc::render {
namespace {

constexpr std::array all_kinds = {
    TermKind::weights,        TermKind::kv_cache,      TermKind::recurrent_state,
    TermKind::compute_buffer, TermKind::output_buffer, TermKind::projector,
    TermKind::lora,           TermKind::draft_model,   TermKind::runtime_overhead};
static_assert(all_kinds.size() == term_kinds);

bool is_nothing(const Amount& amount) { return amount.high == Bytes(0); }

// The least certain of what makes up a kind; empty where there is none of it.
std::string weakest_basis(const Estimate& estimate, TermKind kind) {
  std::optional<Basis> weakest;
  for (const PlaceEstimate& device : estimate.places) {
    for (const Term& term : device.terms)
      if (!device.place.is_host() && term.kind == kind)
        weakest = std::max(weakest, std::optional(term.basis));
  }
  return weakest ? std::string(to_string(*weakest)) : std::string();
}

// The figures at the asked and at the full context, side by side.
class TermsGrid {
 public:
  TermsGrid(const Estimate& estimate, const Estimate* full, const Settings& settings,
            const ModelSummary& summary, const Figures& figures)
      : estimate_(estimate), full_(full), figures_(figures), grid_(columns(full, settings, summary)) {}

  // `of` gives the amount of an estimate.
  template <typename F>
  void add(std::string title, F&& of, std::string basis, Ink ink = Ink::plain) {
    const std::string range = figures_.range(of(estimate_));
    add_texts(
        std::move(title), [&](const Estimate& estimate) { return figures_(of(estimate).best); },
        range.find("..") == std::string::npos ? "" : range, std::move(basis), ink);
  }

  // `of` gives the figure as it is shown.
  template <typename F>
  void add_texts(std::string title, F&& of, std::string interval, std::string basis, Ink ink = Ink::plain) {
    std::vector<Cell> row = {
        {std::move(title), ink},
        {of(estimate_),    ink}
    };
    if (full_ != nullptr) row.emplace_back(of(*full_), ink);
    row.emplace_back(std::move(interval));
    row.emplace_back(std::move(basis), Ink::dim);
    grid_.add(std::move(row));
  }

  std::string text(const Style& style) const { return grid_.text(style); }

 private:
  static std::vector<Column> columns(const Estimate* full, const Settings& settings,
                                     const ModelSummary& summary) {
    std::vector<Column> columns = {
        {"",                                       Column::Kind::name,   0},
        {"at " + grouped(asked_context(settings)), Column::Kind::figure, 0}
    };
    if (full != nullptr)
      columns.push_back(
          {"at " + grouped(summary.model.architecture.context_length), Column::Kind::figure, 0});
    columns.push_back({"interval", Column::Kind::figure, 1});
    columns.push_back({"known", Column::Kind::name, 2});
    return columns;
  }

  const Estimate& estimate_;
  const Estimate* full_;
  const Figures& figures_;
  Grid grid_;
};

std::string reasons(const Estimate& estimate, const Style& style) {
  std::string out;
  for (const PlaceEstimate& device : estimate.places) {
    const std::string place = device.place.is_host() ? " in host memory" : "";
    for (const Term& term : device.terms) {
      if (term.why.empty() || is_nothing(term.amount)) continue;
      out += paint(wrap(fmt::format("{}{}: {}", term_title(term.kind), place, term.why), 2, 4, style),
                   Ink::dim, style);
    }
  }
  return out;
}

}  // namespace

std::string terms_line(const Estimate& estimate, const Figures& figures, const Style& style) {
  std::vector<std::string> parts;
  for (const TermKind kind : all_kinds) {
    const Amount amount = estimate.gpu_term(kind);
    if (is_nothing(amount)) continue;
    parts.push_back(
        fmt::format("{}{} {}", parts.empty() ? "" : "+ ", term_title(kind), figures.range(amount)));
  }
  return flow(parts, {" ", 2, 4}, style) + terms_legend(estimate, style);
}

std::string terms_table(const Estimate& estimate, const Estimate* full_context, const ModelSummary& summary,
                        const Settings& settings, const Figures& figures, const Style& style) {
  TermsGrid grid(estimate, full_context, settings, summary, figures);
  const auto weights = [](const Estimate& of) { return of.gpu_term(TermKind::weights); };
  const auto total = [](const Estimate& of) { return of.gpu_total(); };
  for (const TermKind kind : all_kinds) {
    const auto figure = [kind](const Estimate& of) { return of.gpu_term(kind); };
    if (is_nothing(figure(estimate)) && (full_context == nullptr || is_nothing(figure(*full_context))))
      continue;
    grid.add(std::string(term_title(kind)), figure, weakest_basis(estimate, kind));
  }
  grid.add("needed", total, "the sum", Ink::bold);
  grid.add(
      "beside the weights",
      [&](const Estimate& of) {
        return Amount::exactly(figures.shown(total(of).best) - figures.shown(weights(of).best));
      },
      "");
  grid.add_texts(
      "recommended", [&](const Estimate& of) { return figures.rounded(of.recommended()); }, "",
      "1.3 times, for headroom");
  const auto in_host_memory = [](const Estimate& of) { return of.host_total(); };
  if (!is_nothing(in_host_memory(estimate))) grid.add("in host memory", in_host_memory, "");
  return fmt::format("{}\n", paint(fmt::format("{} term by term, in {}", settings.quantization,
                                               unit_name(figures.units)),
                                   Ink::bold, style)) +
         grid.text(style) + reasons(estimate, style);
}

}  // namespace vramcalc::render
