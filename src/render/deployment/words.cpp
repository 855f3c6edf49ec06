#include "render/deployment/words.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "render/document/words.hpp"

namespace vramcalc::render {
namespace {

using Status = ServiceReport::Status;

struct StatusWords {
  std::string_view words, brief, one, several;  // "1 does not fit", "2 do not fit"
  Ink ink;
};

constexpr std::array<StatusWords, status_count> status_words = {
    {{"fits", "fits", "fits", "fit", Ink::green},
     {"tight", "tight", "is tight", "are tight", Ink::yellow},
     {"does not fit", "no fit", "does not fit", "do not fit", Ink::red},
     {"would not start", "no start", "would not start", "would not start", Ink::red},
     {"unresolved", "unknown", "is unresolved", "are unresolved", Ink::yellow}}
};

const StatusWords& row_of(Status status) { return status_words[static_cast<std::size_t>(status)]; }

bool is_too_full(const SharedGpu& gpu) { return gpu.verdict == Verdict::no && gpu.services.size() > 1; }

// "gpu0 of compose.yaml" for each GPU that does not hold its services together.
std::vector<std::string> too_full(const DeploymentReport& report) {
  std::vector<std::string> gpus;
  for (const SharedMachine& machine : report.machines)
    for (const SharedGpu& gpu : machine.gpus)
      if (is_too_full(gpu)) gpus.push_back(fmt::format("{} of {}", gpu.name, machine.name));
  if (gpus.size() > 2) {
    const std::string more = fmt::format("{} more GPUs", gpus.size() - 1);
    gpus.erase(gpus.begin() + 1, gpus.end());
    gpus.push_back(more);
  }
  return gpus;
}

std::string by_themselves(const DeploymentReport& report) {
  const std::size_t all = report.services.size();
  if (all == 0) return "nothing here starts a model";
  if (report.count(Status::fits) == all)
    return all == 1 ? "the service fits" : fmt::format("all {} services fit", grouped(all));
  std::string text;
  for (const Status status :
       {Status::does_not_fit, Status::would_not_start, Status::unresolved, Status::tight}) {
    const std::size_t count = report.count(status);
    if (count == 0) continue;
    const std::string_view verb = count == 1 ? row_of(status).one : row_of(status).several;
    if (all == 1)
      text = fmt::format("the service {}", verb);
    else if (text.empty())
      text = count == all ? fmt::format("all {} services {}", grouped(all), row_of(status).several)
                          : fmt::format("{} of {} services {}", grouped(count), grouped(all), verb);
    else
      text += fmt::format("; {} {}", grouped(count), verb);
  }
  return text;
}

}  // namespace

std::string_view words_for(Status status) { return row_of(status).words; }
std::string words_for(std::string status) {
  std::ranges::replace(status, '-', ' ');
  return status;
}
std::string_view brief_words_for(Status status) { return row_of(status).brief; }
Ink ink_of(Status status) { return row_of(status).ink; }

std::string_view word_for(deployment::Severity severity) {
  constexpr std::array<std::string_view, 3> words = {"error", "warning", "note"};
  return words[static_cast<std::size_t>(severity)];
}

std::string summary_of(const DeploymentReport& report) {
  const std::string text = by_themselves(report);
  const std::vector<std::string> full = too_full(report);
  if (full.empty()) return text;
  return fmt::format("{}{}, and {} cannot hold what may run at once", text,
                     report.count(Status::fits) == report.services.size() ? " by themselves" : "",
                     listed(full));
}

std::vector<const ServiceReport*> services_to_show(const DeploymentReport& report, bool all) {
  std::vector<const ServiceReport*> shown;
  std::size_t fitting = 0;
  for (const ServiceReport& service : report.services)
    if (all || service.status != Status::fits || fitting++ < rows_per_verdict) shown.push_back(&service);
  return shown;
}

Amount needed_by(const ServiceReport& service) {
  return service.check ? service.check->estimate.gpu_total() : Amount{};
}

Bytes usable_by(const ServiceReport& service) {
  Bytes usable;
  if (service.check)
    for (const PlaceFit& place : service.check->places)
      if (!place.place.is_host()) usable += place.usable;
  return usable;
}

Figures figures_for(const DeploymentReport& report, Units units) {
  Bytes smallest(UINT64_MAX);
  for (const ServiceReport& service : report.services)
    if (service.check) smallest = std::min(smallest, needed_by(service).best);
  return {units, decimals_for(smallest, units)};
}

std::string figures_text(const ServiceReport& service, const Figures& figures) {
  if (!service.check) return "";
  const Bytes usable = usable_by(service);
  const std::string needs = "needs " + figures.with_unit(needed_by(service).best);
  return usable == Bytes(0) ? needs : fmt::format("{} of {}", needs, figures.with_unit(usable));
}

std::string model_text(const ServiceReport& service) {
  return service.quantization.empty() ? service.model
                                      : fmt::format("{} {}", service.model, service.quantization);
}

std::string hardware_text(const ServiceReport& service) {
  if (service.hardware.empty() || service.replicas == 1) return service.hardware;
  return fmt::format("{} times {}", grouped(service.replicas), service.hardware);
}

std::string place_text(const deployment::Position& at) {
  if (at.file.empty()) return "command";
  return at.line == 0 ? at.file : fmt::format("{}:{}", at.file, at.line);
}

}  // namespace vramcalc::render
