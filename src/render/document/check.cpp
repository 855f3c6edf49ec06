#include <fmt/format.h>

#include "render/document/answer.hpp"
#include "render/document/charts.hpp"
#include "render/document/documents.hpp"
#include "render/document/settings.hpp"
#include "render/document/words.hpp"

namespace vramcalc::render {
namespace {

using Kind = Paragraph::Kind;

Paragraph verdict_line(const CheckReport& report) {
  const Ink ink = report.fits ? ink_of(report.verdict) : Ink::red;
  return {
      Kind::statement,
      {{std::string(to_string(report.verdict)), ink},
                   fmt::format(": {} {} at {} tokens on {}", report.summary.model.name, report.settings.quantization,
                   grouped(asked_context(report.settings)), report.machine.name)}
  };
}

std::string largest_context(const CheckReport& report) {
  if (!report.max_context) return "no context fits, however short";
  const bool whole = *report.max_context >= report.summary.model.architecture.context_length;
  return fmt::format("largest context that fits: {}{}", grouped(*report.max_context),
                     whole ? ", the model's full context" : "");
}

std::string about(const std::optional<Speed>& speed) {
  if (!speed || !speed->decode) return "";
  return fmt::format(", about {} tokens/s", speed_text(speed->decode->tokens_per_second));
}

// What the runtime starts with by itself, if that is not what the figures are for.
void add_own_choice(Section& to, const CheckReport& report) {
  const auto& own = report.own_choice;
  if (!own || (own->layers.whole && own->context == asked_context(report.settings))) return;
  const std::string layers = where_layers_lie(own->layers, report.places.size() > 2) + about(own->speed);
  if (!own->of_context)
    return to.add(Kind::detail, fmt::format("its own fit would keep {} (-fit off turns it off)", layers));
  const bool more = own->context > report.summary.model.architecture.context_length;
  to.add(Kind::detail, fmt::format("without -c, its own fit chooses {} tokens{}, {}; it never goes below {}",
                                   grouped(own->context), more ? " for all slots" : "", layers,
                                   grouped(own->least_context)));
}

}  // namespace

Document document_of(const CheckReport& report, const Content& content) {
  const Figures figures = {content.units, decimals_for(report.estimate.gpu_total().best, content.units)};
  Section answer;
  answer.add(verdict_line(report));
  if (may_fit(report.verdict)) add_speed(answer, report.speed);
  add_terms(answer, report.estimate, figures);
  answer.add(Kind::detail, settings_text(report.settings));
  add_places(answer, report.settings, report.places, true, figures);
  if (content.chart) add_terms_chart(answer, report.estimate, report.places, figures);
  if (report.answers.empty() && !report.refused) answer.add(Kind::detail, largest_context(report));
  add_room(answer, report.room);
  add_own_choice(answer, report);
  for (const Answer& each : report.answers) answer.add(Kind::detail, each.text);
  for (const std::string& suggestion : report.suggestions) answer.add(Kind::detail, suggestion);
  add_warnings(answer, report.warnings);
  add_explanation(answer, report.explanation, figures);
  return Document(std::move(answer));
}

}  // namespace vramcalc::render
