#include <fmt/format.h>

#include <algorithm>

#include "render/document/answer.hpp"
#include "render/document/documents.hpp"
#include "render/document/settings.hpp"
#include "render/document/words.hpp"

namespace vramcalc::render {
namespace {

using Kind = Paragraph::Kind;

std::string where_it_lies(const PlannedLoad& load) {
  if (load.whole) return load.places.size() > 2 ? "all of it on the GPUs" : "all of it on the GPU";
  std::string text;
  if (load.layers < load.all_layers)
    text = fmt::format("{} of {} layers on the GPU", load.layers, load.all_layers);
  if (load.layers_without_experts > 0)
    text += fmt::format("{}the experts of {} layers in host memory", text.empty() ? "" : ", ",
                        load.layers_without_experts);
  const auto parts = std::ranges::count_if(load.placement.overrides, [](const TensorOverride& moved) {
    return moved.part != TensorOverride::Part::experts;
  });
  if (parts == 0) return text;
  if (!text.empty()) text += ", ";
  return text +
         (parts == 1 ? "a part of one layer elsewhere" : fmt::format("parts of {} layers elsewhere", parts));
}

std::string speed_line(const Speed& speed) {
  if (!speed.decode) return "speed unknown: the bandwidth of the memory is not known";
  std::string text = fmt::format("estimated speed {} tokens/s", speed_text(*speed.decode));
  if (speed.prefill) text += fmt::format(", prompts {} tokens/s", speed_text(*speed.prefill));
  return text + ": " + speed.why;
}

Paragraph headline(const PlanReport& report, const PlannedLoad& load) {
  const std::uint64_t full = report.summary.model.architecture.context_length;
  return {
      Kind::statement,
      {{report.like_llama_cpp ? "llama.cpp's own fit" : "plan", Ink::bold},
                   fmt::format(": {} {} at {} tokens{} on {}, {}", report.summary.model.name, load.quantization,
                   grouped(load.context), load.context == full ? " (all)" : "", report.machine.name,
                   where_it_lies(load))}
  };
}

Line command_line(const PlannedLoad& load) { return {Line::Kind::command, load.command}; }

void add_best(Section& to, const PlanReport& report, const Figures& figures) {
  const PlannedLoad& best = *report.best;
  to.add(headline(report, best));
  to.add(command_line(best));
  to.add(Kind::detail, settings_text(report.settings));
  add_places(to, best.places, false, figures);
  to.add(Kind::detail, speed_line(best.speed));
  add_room(to, best.room, report.settings);
}

void add_runner_up(Section& to, const PlannedLoad& load) {
  to.add(Kind::statement,
         fmt::format("or {} at {} tokens: {}", load.quantization, grouped(load.context), load.trade));
  to.add(command_line(load));
}

Paragraph nothing_fits(const PlanReport& report) {
  return {
      Kind::statement,
      {{"no", Ink::red},
                   fmt::format(": no way to load {} on {} was found", report.summary.model.name, report.machine.name)}
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
                             decimals_for(report.best->estimate.gpu_total().best, content.units)};
    add_best(answer, report, figures);
    for (const PlannedLoad& load : report.runners_up) add_runner_up(answer, load);
    add_warnings(answer, report.warnings);
    add_explanation(answer, report.explanation, figures);
  }
  return Document(std::move(answer));
}

}  // namespace vramcalc::render
