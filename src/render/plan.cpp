#include <fmt/format.h>

#include <algorithm>

#include "render/sections.hpp"
#include "render/table.hpp"

namespace vramcalc::render {
namespace {

std::string where_it_lies(const PlannedLoad& planned) {
  const LayerCounts& layers = planned.load.layers;
  if (layers.whole) return planned.places.size() > 2 ? "all of it on the GPUs" : "all of it on the GPU";
  std::string text;
  if (layers.on_gpus < layers.all) text = fmt::format("{} of {} layers on the GPU", layers.on_gpus, layers.all);
  if (layers.without_experts > 0)
    text += fmt::format("{}the experts of {} layers in host memory", text.empty() ? "" : ", ",
                        layers.without_experts);
  if (layers.in_parts == 0) return text;
  if (!text.empty()) text += ", ";
  return text + (layers.in_parts == 1 ? "a part of one layer elsewhere"
                                      : fmt::format("parts of {} layers elsewhere", layers.in_parts));
}

std::string speed_line(const Speed& speed, const Style& style) {
  if (speed.why.empty()) return {};
  if (!speed.decode) return wrap("speed unknown: " + speed.why, 2, 4, style);
  std::string text = fmt::format("estimated speed {} tokens/s", speed_text(*speed.decode));
  if (speed.prefill) text += fmt::format(", prompts {} tokens/s", speed_text(*speed.prefill));
  return wrap(text + ": " + speed.why, 2, 4, style);
}

std::string headline(const PlanReport& report, const PlannedLoad& load, const Style& style) {
  const std::uint64_t full = report.summary.model.architecture.context_length;
  return wrap(fmt::format("{}: {} {} at {} tokens{} on {}, {}",
                          paint(report.like_runtime ? report.settings.runtime + "'s own fit" : "plan", Ink::bold, style),
                          report.summary.model.name, load.quantization, grouped(load.load.demand.tokens),
                          load.load.demand.tokens == full ? " (all)" : "", report.machine.name, where_it_lies(load)),
              0, 2, style);
}

// A command is there to be copied: never broken.
std::string command_line(const PlannedLoad& load, std::size_t indent) {
  return load.command.empty() ? "" : std::string(indent, ' ') + load.command + '\n';
}

std::string runner_up(const PlannedLoad& load, const Style& style) {
  return wrap(fmt::format("or {} at {} tokens: {}", load.quantization, grouped(load.load.demand.tokens), load.trade), 0,
              2, style) +
         command_line(load, 2);
}

std::string nothing_fits(const PlanReport& report, const Style& style) {
  return wrap(fmt::format("{}: no way to load {} on {} was found", paint("no", Ink::red, style),
                          report.summary.model.name, report.machine.name),
              0, 2, style) +
         warning_lines(report.warnings, style);
}

}  // namespace

std::string plan(const PlanReport& report, const Style& style) {
  if (!report.best) return nothing_fits(report, style);
  const PlannedLoad& best = *report.best;
  const Figures figures = {style.units, decimals_for(best.load.estimate.gpu_total().best, style.units)};
  std::string out = headline(report, best, style) + command_line(best, 2) +
                    wrap(settings_text(report.settings, style), 2, 4, style) +
                    devices_table(best.places, false, figures, style) + speed_line(best.speed, style);
  if (best.room) out += room_line(*best.room, style);
  for (const PlannedLoad& load : report.runners_up) out += runner_up(load, style);
  return out + warning_lines(report.warnings, style) + explanation_text(report.explanation, figures, style);
}

}  // namespace vramcalc::render
