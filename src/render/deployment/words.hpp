#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "render/document.hpp"
#include "render/numbers.hpp"

// What the formats for deployments share.
namespace vramcalc::render {

std::string_view words_for(ServiceReport::Status status);        // "does not fit"
std::string_view brief_words_for(ServiceReport::Status status);  // for a narrow page: "no fit"
std::string words_for(std::string status);                       // "does-not-fit": the same
Ink ink_of(ServiceReport::Status status);
std::string_view word_for(deployment::Severity severity);  // "error"

// The answer in a line: "2 of 5 services do not fit; 1 is unresolved".
std::string summary_of(const DeploymentReport& report);

// All that need attention, and the first of those that fit.
std::vector<const ServiceReport*> services_to_show(const DeploymentReport& report, bool all);

// On all GPUs of one replica; 0 where nothing was calculated.
Amount needed_by(const ServiceReport& service);
Bytes usable_by(const ServiceReport& service);  // 0: unknown
Figures figures_for(const DeploymentReport& report, Units units);

// "needs 68.1 GB of 48.2 GB"; empty where nothing was calculated.
std::string figures_text(const ServiceReport& service, const Figures& figures);
std::string model_text(const ServiceReport& service);     // "Qwen3-32B FP8"
std::string hardware_text(const ServiceReport& service);  // "3 times 2x h100-sxm-80gb"

// A finding and the service that it is about, if it is about one.
struct Reported {
  const ServiceReport* service = nullptr;
  deployment::Finding finding;

  std::string about() const;     // the message, after the service's name
  std::string sentence() const;  // the same with the fix: "chat: the release has no --swap-space; remove it"
};

// A service that does not fit, or is judged otherwise than by a finding of its own, gets a finding that says
// so.
std::vector<Reported> findings_of(const ServiceReport& service, const Figures& figures);
// Those of all services, files and machines, file by file in the order of the report, by line.
std::vector<Reported> findings_of(const DeploymentReport& report, const Figures& figures);
std::vector<std::string> files_of(const DeploymentReport& report);  // with a service or a finding, or read

std::string place_text(const deployment::Position& at);  // "compose.yaml:12"

// "This change adds 6.1 GB on gpu0 of compose.yaml and frees 2.0 GB on gpu1 of compose.yaml".
std::string change_text(const DeploymentChange& change, Units units);
std::string difference_text(Bytes before, Bytes after, Units units);  // "+6.1 GB"

// Error (usage) for a report of another kind.
const DeploymentReport& only_deployment(const Report& report, std::string_view format);

}  // namespace vramcalc::render
