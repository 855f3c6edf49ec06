#include <fmt/format.h>

#include <algorithm>

#include "report/deployment.hpp"

namespace vramcalc::report {
namespace {

using deployment::Finding;
using deployment::IgnoredFinding;

// A comment covers its own line and the next; one without a line covers the file.
bool covers(const IgnoredFinding& ignored, const Finding& finding, const deployment::Position& service) {
  if (ignored.code != finding.code) return false;
  if (ignored.at.file.empty()) return true;
  const auto is_at = [&](const deployment::Position& at) {
    return at.file == ignored.at.file &&
           (ignored.at.line == 0 || at.line == ignored.at.line || at.line == ignored.at.line + 1);
  };
  return is_at(finding.at) || is_at(service);
}

bool is_over(const IgnoredFinding& ignored, const std::string& today) {
  return !ignored.until.empty() && ignored.until < today;
}

// An ignored finding is no reason to fail, so a service with nothing else against it passes.
void leave_out(std::vector<Finding>& findings, const deployment::Position& service,
               const DeploymentPolicy& policy) {
  std::erase_if(findings, [&](const Finding& finding) {
    return std::ranges::any_of(policy.ignored, [&](const IgnoredFinding& ignored) {
      return covers(ignored, finding, service) && !is_over(ignored, policy.today);
    });
  });
}

}  // namespace

void leave_out_ignored(DeploymentReport& report, const DeploymentPolicy& policy) {
  for (ServiceReport& service : report.services) leave_out(service.findings, service.at, policy);
  leave_out(report.findings, {}, policy);
  for (const IgnoredFinding& ignored : policy.ignored)
    if (is_over(ignored, policy.today))
      report.warnings.push_back(fmt::format("{}:{}: \"ignore={}\" ended on {}", ignored.at.file,
                                            ignored.at.line, ignored.code, ignored.until));
}

}  // namespace vramcalc::report
