#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

#include "deployment/finding_codes.hpp"
#include "render/deployment/words.hpp"

namespace vramcalc::render {
namespace {

using deployment::Finding;
using Status = ServiceReport::Status;

// What a status means where the service's findings leave it unsaid.
std::string said_by_status(const ServiceReport& service, const Figures& figures) {
  const std::string needs = figures_text(service, figures);
  switch (service.status) {
    case Status::fits: return "it fits";
    case Status::tight:
      return (needs.empty() ? "" : fmt::format("it {}: ", needs)) + "only the low end of the interval fits";
    case Status::does_not_fit: return needs.empty() ? "it does not fit" : "it " + needs;
    case Status::would_not_start: return "the engine refuses to start";
    case Status::unresolved: return "something that the figures need is not in the input";
  }
  return "";
}

// Whether the service's findings say why it has its status.
bool is_said(const ServiceReport& service) {
  const bool judged = service.status == Status::does_not_fit || service.status == Status::tight;
  return std::ranges::any_of(service.findings, [&](const Finding& finding) {
    if (finding.code == to_string(service.status)) return true;
    if (service.status == Status::unresolved && finding.code.ends_with("-flag")) return true;
    return judged ? finding.code == "headroom" : finding.severity == deployment::Severity::error;
  });
}

}  // namespace

std::string Reported::about() const {
  return service == nullptr || service->name.empty() ? finding.message
                                                     : fmt::format("{}: {}", service->name, finding.message);
}

std::string Reported::sentence() const {
  return finding.fix.empty() ? about() : fmt::format("{}; {}", about(), finding.fix);
}

std::vector<Reported> findings_of(const ServiceReport& service, const Figures& figures) {
  std::vector<Reported> all;
  if (service.status != Status::fits && !is_said(service))
    all.push_back({&service, deployment::finding(to_string(service.status), said_by_status(service, figures),
                                                 service.at)});
  for (const Finding& finding : service.findings) all.push_back({&service, finding});
  return all;
}

std::vector<std::string> files_of(const DeploymentReport& report) {
  std::vector<std::string> files;
  std::unordered_map<std::string, bool> known;
  const auto add = [&](const std::string& file) {
    if (known.emplace(file, true).second) files.push_back(file);
  };
  for (const std::string& file : report.files) add(file);
  for (const ServiceReport& service : report.services) {
    add(service.at.file);
    for (const Finding& finding : service.findings) add(finding.at.file);
  }
  for (const Finding& finding : report.findings) add(finding.at.file);
  return files;
}

std::vector<Reported> findings_of(const DeploymentReport& report, const Figures& figures) {
  std::unordered_map<std::string, std::size_t> order;
  for (const std::string& file : files_of(report)) order.emplace(file, order.size());
  std::vector<Reported> all;
  for (const ServiceReport& service : report.services)
    std::ranges::move(findings_of(service, figures), std::back_inserter(all));
  for (const Finding& finding : report.findings) all.push_back({nullptr, finding});
  std::ranges::stable_sort(all, {}, [&](const Reported& each) {
    return std::pair(order.at(each.finding.at.file), each.finding.at.line);
  });
  return all;
}

}  // namespace vramcalc::render
