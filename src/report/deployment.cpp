#include "report/deployment.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <deque>

#include "deployment/finding_codes.hpp"

namespace vramcalc {

std::string_view to_string(ServiceReport::Status status) {
  constexpr std::array<std::string_view, status_count> names = {"fits", "tight", "does-not-fit",
                                                                "would-not-start", "unresolved"};
  return names[static_cast<std::size_t>(status)];
}

std::size_t DeploymentReport::count(ServiceReport::Status status) const {
  return static_cast<std::size_t>(std::ranges::count(services, status, &ServiceReport::status));
}

namespace report {

std::string gigabytes(Bytes bytes) {
  return fmt::format("{:.1f} GB", static_cast<double>(bytes.count()) / 1e9);
}

namespace {

using deployment::finding;
using deployment::Finding;
using Status = ServiceReport::Status;

// ---- one service

void add_holes(ServiceReport& service, const ServiceQuestion& question) {
  const auto is_told = [&](const deployment::Hole& hole) {
    return std::ranges::any_of(service.findings, [&](const Finding& each) {
      return each.code.ends_with("-flag") && each.message.find(hole.name) != std::string::npos;
    });
  };
  for (const deployment::Hole& hole : question.holes)
    if (!is_told(hole))
      service.findings.push_back(
          finding("unresolved", fmt::format("{} {}", hole.name, hole.why), question.launch.at, hole.fix));
}

// The GPU that has the least room.
const PlaceFit& fullest(const std::vector<PlaceFit>& places) {
  return *std::ranges::max_element(places, {}, [](const PlaceFit& place) {
    if (place.place.is_host() || place.usable == Bytes()) return 0.0;
    return static_cast<double>(place.used.best.count()) / static_cast<double>(place.usable.count());
  });
}

// Engines also refuse to start for want of memory, which is no other refusal.
bool is_refused_otherwise(const CheckReport& check) {
  const PlaceFit& place = fullest(check.places);
  return check.refused && verdict_for(place.used, place.usable) != Verdict::no;
}

Status status_of(const CheckReport& check) {
  if (is_refused_otherwise(check)) return Status::would_not_start;
  if (check.verdict == Verdict::tight) return Status::tight;
  return check.verdict == Verdict::no || check.verdict == Verdict::offload ? Status::does_not_fit
                                                                           : Status::fits;
}

std::string_view remark_on_host(const CheckReport& check) {
  return check.verdict == Verdict::offload ? "; parts of the model would be in host memory" : "";
}

std::string need_of(const CheckReport& check) {
  const PlaceFit& place = fullest(check.places);
  return fmt::format("needs {} of {} on {}", gigabytes(place.used.best), gigabytes(place.usable),
                     to_string(place.place));
}

constexpr std::string_view refusing = " would not start: ";

// The engine's own words; empty if it has none for this.
std::string words_of(const CheckReport& check) {
  for (const std::string& each : check.suggestions)
    if (const std::size_t found = each.find(refusing); found != each.npos)
      return each.substr(found + refusing.size());
  return "";
}

std::string way_to_fit(const CheckReport& check) {
  const auto is_way = [](const std::string& each) { return each.find(refusing) == each.npos; };
  const auto found = std::ranges::find_if(check.suggestions, is_way);
  return found == check.suggestions.end() ? std::string() : *found;
}

void add_verdict(ServiceReport& service) {
  const CheckReport& check = *service.check;
  const auto add = [&](std::string_view code, std::string message) {
    service.findings.push_back(finding(code, std::move(message), service.at, way_to_fit(check)));
  };
  if (service.status == Status::would_not_start) add("would-not-start", words_of(check));
  if (service.status == Status::does_not_fit)
    add("does-not-fit", fmt::format("{}{}", need_of(check), remark_on_host(check)));
  if (service.status == Status::tight)
    add("tight", fmt::format("{}, up to {}", need_of(check), gigabytes(fullest(check.places).used.high)));
}

// What a program refuses is known; what the catalog or this program does not know leaves the service open.
bool is_refusal(const Error& error) { return error.code() == ErrorCode::bad_value; }

void take_error(ServiceReport& service, const Error& error) {
  if (is_refusal(error)) {
    service.status = Status::would_not_start;
    service.findings.push_back(finding("would-not-start", error.what(), service.at));
    return;
  }
  service.findings.push_back(finding("unresolved", error.what(), service.at));
}

bool has_error(const std::vector<Finding>& findings, std::string_view code) {
  return std::ranges::any_of(findings, [&](const Finding& each) { return each.code == code; });
}

ServiceReport described(const ServiceQuestion& question) {
  ServiceReport service;
  service.name = question.launch.name;
  service.at = question.launch.at;
  service.program = question.launch.program;
  service.release = question.release;
  service.model = question.question.model;
  service.quantization = question.question.quantization;
  service.arguments = question.arguments;
  service.hardware = question.question.gpu;
  service.gpus = question.gpus_needed;
  service.replicas = question.launch.replicas;
  service.findings = question.findings;
  return service;
}

void take_check(ServiceReport& service, CheckReport check) {
  service.quantization = check.settings.quantization;
  service.gpus = static_cast<std::uint32_t>(
      std::ranges::count_if(check.places, [](const PlaceFit& place) { return !place.place.is_host(); }));
  service.status = status_of(check);
  service.check = std::move(check);
}

// Services of one deployment are often alike.
class Checks {
 public:
  Checks(const Catalog& catalog, std::span<const Runtime> runtimes, const EmbeddedFigures& figures)
      : catalog_(catalog), runtimes_(runtimes), figures_(figures) {}

  Question placed(const ServiceQuestion& service, std::vector<Finding>& findings) const {
    return on_its_hardware(catalog_, service, runtimes_, findings);
  }

  const CheckReport& of(const Question& question) {
    for (const auto& [asked, report] : known_)
      if (asked == question) return report;
    return known_.emplace_back(question, check(catalog_, completed(question, runtimes_, figures_))).second;
  }

 private:
  const Catalog& catalog_;
  std::span<const Runtime> runtimes_;
  EmbeddedFigures figures_;
  std::deque<std::pair<Question, CheckReport>> known_;
};

bool has_argument(const ServiceReport& service, std::string_view flag, std::string_view value = {}) {
  return std::ranges::any_of(service.arguments, [&](const deployment::Argument& each) {
    return each.flag == flag && (value.empty() || each.value == value);
  });
}

// llama-server loads the projector that a repository has beside the model (0.5.0, common/arg.cpp,
// --mmproj-auto).
void remark_on_projector(ServiceReport& service) {
  const bool loads_one = has_argument(service, "--hf-repo") && !has_argument(service, "--mmproj") &&
                         !has_argument(service, "--mmproj-auto", "false");
  if (!loads_one || service.check->summary.model.architecture.towers.empty()) return;
  service.findings.push_back(
      finding("not-modelled", "the figures are given without the projector, which comes with the repository",
              service.at, "Name it with --mmproj, or write --no-mmproj"));
}

// A context that was not set is as long as there is room for.
void remark_on_context(ServiceReport& service) {
  const CheckReport& check = *service.check;
  const std::uint64_t full = check.summary.model.architecture.context_length;
  const auto& own = check.own_choice;
  if (!own || !own->of_context || own->context >= full) return;
  service.findings.push_back(finding(
      "context-shortened", fmt::format("shortens the context to {} of {} tokens to fit", own->context, full),
      service.at, fmt::format("-c {} sets it; -fitc N is the least that it may choose", own->context)));
}

// Sets the question to the GPUs that the service gets.
ServiceReport judged(Checks& checks, ServiceQuestion& question) {
  ServiceReport service = described(question);
  bool refused = !question.starts;
  if (!question.holes.empty()) {
    if (refused) service.status = Status::would_not_start;
    add_holes(service, question);
    return service;
  }
  try {
    question.question = checks.placed(question, service.findings);
    service.hardware = question.question.gpu;
    refused = refused || has_error(service.findings, "gpu-count-mismatch");
    take_check(service, checks.of(question.question));
    remark_on_projector(service);
    remark_on_context(service);
  } catch (const Error& error) {
    take_error(service, error);
    return service;
  }
  if (refused)
    service.status = Status::would_not_start;
  else
    add_verdict(service);
  return service;
}

// ---- the whole

constexpr std::array usual_failures = {std::string_view("does-not-fit"), std::string_view("would-not-start"),
                                       std::string_view("error")};

constexpr std::string_view name_of(deployment::Severity severity) {
  constexpr std::array<std::string_view, 3> names = {"error", "warning", "note"};
  return names[static_cast<std::size_t>(severity)];
}

class Failures {
 public:
  explicit Failures(const std::vector<std::string>& words) : words_(words) {}

  bool is_listed(std::string_view word) const {
    if (words_.empty()) return std::ranges::find(usual_failures, word) != usual_failures.end();
    return std::ranges::find(words_, word) != words_.end();
  }
  bool fails(const Finding& each) const { return is_listed(each.code) || is_listed(name_of(each.severity)); }
  bool fails(const std::vector<Finding>& findings) const {
    return std::ranges::any_of(findings, [&](const Finding& each) { return fails(each); });
  }
  // A service whose findings are all ignored passes.
  bool fails(const ServiceReport& service) const {
    const std::string_view status = to_string(service.status);
    const auto is_why = [&](const Finding& each) {
      return each.severity == deployment::Severity::error || each.code == status;
    };
    return fails(service.findings) || (is_listed(status) && std::ranges::any_of(service.findings, is_why));
  }
  // Without a list of the user's, what could not be told is told so.
  bool has_own_list() const { return !words_.empty(); }

 private:
  const std::vector<std::string>& words_;
};

int exit_status_of(const DeploymentReport& report, const DeploymentPolicy& policy) {
  const Failures failures(policy.fail_on);
  const bool fails = failures.fails(report.findings) ||
                     std::ranges::any_of(report.services, [&](const ServiceReport& service) {
                       return failures.fails(service);
                     });
  if (fails) return 1;
  const bool is_open = report.count(Status::unresolved) > 0 || has_error(report.findings, "unresolved");
  return is_open && !failures.has_own_list() ? 2 : 0;
}

}  // namespace
}  // namespace report

DeploymentReport answer(DeploymentQuestion question, std::span<const Runtime> runtimes,
                        const EmbeddedFigures& figures) {
  const Catalog catalog{catalog_files(question.catalog_paths)};
  report::Checks checks(catalog, runtimes, figures);
  DeploymentReport report;
  report.files = question.files;
  report.findings = question.findings;
  for (ServiceQuestion& service : question.services)
    report.services.push_back(report::judged(checks, service));
  report::add_machines(report, catalog, question, runtimes, figures);
  report::require_headroom(report, question);
  report::leave_out_ignored(report, question.policy);
  report.exit_status = report::exit_status_of(report, question.policy);
  if (!question.baseline.empty())
    report.change = report::change_since(report, question.baseline, question.baseline_text);
  return report;
}

}  // namespace vramcalc
