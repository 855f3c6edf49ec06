#include <fmt/format.h>

#include <algorithm>

#include "render/document/answer.hpp"
#include "render/document/documents.hpp"
#include "render/document/settings.hpp"
#include "render/document/words.hpp"

namespace vramcalc::render {
namespace {

using Kind = Paragraph::Kind;

Paragraph headline(const PlanReport& report, const PlannedLoad& load) {
  const std::uint64_t full = report.summary.model.architecture.context_length;
  return {
      Kind::statement,
      {{report.like_runtime ? report.settings.runtime + "'s own fit" : "plan", Ink::bold},
                   fmt::format(": {} {} at {} tokens{} on {}, {}", report.summary.model.name, load.quantization,
                   grouped(load.load.demand.tokens), load.load.demand.tokens == full ? " (all)" : "",
                   report.machine.name, where_layers_lie(load.load.layers, load.places.size() > 2))}
  };
}

void add_command(Section& to, const PlannedLoad& load) {
  if (!load.command.empty()) to.add(Line{Line::Kind::command, load.command});
}

void add_best(Section& to, const PlanReport& report, const Figures& figures) {
  const PlannedLoad& best = *report.best;
  to.add(headline(report, best));
  add_command(to, best);
  to.add(Kind::detail, settings_text(report.settings));
  add_places(to, report.settings, best.places, false, figures);
  if (best.speed.decode)
    add_speed(to, best.speed, best.speed.why);
  else if (!best.speed.why.empty())
    to.add(Kind::detail, "speed unknown: " + best.speed.why);
  add_room(to, best.room);
}

void add_runner_up(Section& to, const PlannedLoad& load) {
  to.add(Kind::statement, fmt::format("or {} at {} tokens: {}", load.quantization,
                                      grouped(load.load.demand.tokens), load.trade));
  add_command(to, load);
  add_speed(to, load.speed);
}

Paragraph nothing_fits(const PlanReport& report) {
  return {
      Kind::statement,
      {{"no", Ink::red},
                   fmt::format(": found no way to load {} on {}", report.summary.model.name, report.machine.name)}
  };
}

}  // namespace

Document document_of(const PlanReport& report, const Content& content) {
  Section answer;
  if (!report.best) {
    answer.add(nothing_fits(report));
    add_warnings(answer, report.warnings);
  } else {
    const Figures figures = {content.units,
                             decimals_for(report.best->load.estimate.gpu_total().best, content.units)};
    add_best(answer, report, figures);
    for (const PlannedLoad& load : report.runners_up) add_runner_up(answer, load);
    add_warnings(answer, report.warnings);
    add_explanation(answer, report.explanation, figures);
  }
  return Document(std::move(answer));
}

}  // namespace vramcalc::render
