#include <fmt/format.h>

#include "render/sections.hpp"
#include "render/table.hpp"

namespace vramcalc::render {
namespace {

std::string verdict_line(const CheckReport& report, const Style& style) {
  const Ink ink = report.fits ? ink_of(report.verdict) : Ink::red;
  return wrap(
      fmt::format("{}: {} {} at {} tokens on {}", paint(std::string(to_string(report.verdict)), ink, style),
                  report.summary.model.name, report.settings.quantization,
                  grouped(asked_context(report.settings)), report.machine.name),
      0, 2, style);
}

std::string largest_context(const CheckReport& report, const Style& style) {
  if (!report.max_context) return wrap("no context fits, however short", 2, 2, style);
  const bool whole = *report.max_context >= report.summary.model.architecture.context_length;
  return wrap(fmt::format("largest context that fits: {}{}", grouped(*report.max_context),
                          whole ? ", the model's full context" : ""),
              2, 4, style);
}

std::string room(const CheckReport& report, const Style& style) {
  return report.room ? room_line(*report.room, style) : std::string();
}

std::string suggestions(const CheckReport& report, const Style& style) {
  std::string out;
  for (const std::string& suggestion : report.suggestions) out += wrap(suggestion, 2, 4, style);
  return out;
}

}  // namespace

std::string check(const CheckReport& report, const Style& style) {
  const Figures figures = {style.units, decimals_for(report.estimate.gpu_total().best, style.units)};
  return verdict_line(report, style) + terms_line(report.estimate, figures, style) +
         wrap(settings_text(report.settings, style), 2, 4, style) +
         devices_table(report.places, true, figures, style) + largest_context(report, style) +
         room(report, style) + suggestions(report, style) + warning_lines(report.warnings, style) +
         explanation_text(report.explanation, figures, style);
}

}  // namespace vramcalc::render
