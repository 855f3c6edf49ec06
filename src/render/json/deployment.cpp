#include <algorithm>

#include "render/json/write.hpp"

namespace vramcalc::render {
namespace {

using Status = ServiceReport::Status;

// The keys of the summary, in the order of the statuses.
constexpr std::array<std::string_view, status_count> count_keys = {"fits", "tight", "does_not_fit",
                                                                   "would_not_start", "unresolved"};

std::string_view word(deployment::Severity severity) {
  switch (severity) {
    case deployment::Severity::error: return "error";
    case deployment::Severity::warning: return "warning";
    case deployment::Severity::note: return "note";
  }
  return "error";
}

void write(JsonWriter& to, const deployment::Finding& finding) {
  to.member("code", finding.code);
  to.member("severity", word(finding.severity));
  to.member("message", finding.message);
  to.member("file", known(finding.at.file));
  to.member("line", known(finding.at.line));
  to.member("fix", known(finding.fix));
}

void findings(JsonWriter& to, const std::vector<deployment::Finding>& all) {
  to.objects("findings", all, [&](const deployment::Finding& finding) { write(to, finding); });
}

// Only what bears on the memory, so that no key or token of another flag is printed. A flag that keeps
// several values has a list of them.
void write_arguments(JsonWriter& to, const std::vector<deployment::Argument>& arguments) {
  std::vector<std::pair<std::string_view, std::vector<std::string_view>>> flags;
  for (const deployment::Argument& argument : arguments) {
    if (!argument.bears_on_memory) continue;
    auto found = std::ranges::find(flags, argument.flag, [](const auto& flag) { return flag.first; });
    if (found == flags.end()) found = flags.insert(found, {argument.flag, {}});
    found->second.push_back(argument.value);
  }
  to.object("arguments", [&] {
    for (const auto& [flag, values] : flags) {
      if (values.size() == 1)
        to.entry(flag, values.front());
      else
        to.entry_of_texts(flag, values);
    }
  });
}

void write_figures(JsonWriter& to, const std::optional<CheckReport>& check) {
  static const std::vector<PlaceFit> none;
  static const std::vector<std::string> silence;
  to.member("verdict", check ? std::optional(to_string(check->verdict)) : std::nullopt);
  to.member("max_context", check ? check->max_context : std::nullopt);
  part(to, "estimate", check ? std::optional(check->estimate) : std::nullopt);
  rows(to, "devices", check ? check->places : none);
  to.texts("warnings", check ? check->warnings : silence);
}

void write(JsonWriter& to, const ServiceReport& service) {
  to.member("name", service.name);
  to.member("file", known(service.at.file));
  to.member("line", known(service.at.line));
  to.member("program", known(service.program));
  to.member("release", known(service.release));
  to.member("model", known(service.model));
  to.member("quantization", known(service.quantization));
  write_arguments(to, service.arguments);
  to.member("hardware", known(service.hardware));
  to.member("gpus", known(service.gpus));
  to.member("replicas", service.replicas);
  to.member("status", to_string(service.status));
  write_figures(to, service.check);
  findings(to, service.findings);
}

// On the GPUs of all replicas; empty beyond 64 bits.
std::optional<Amount> total_of(const std::vector<ServiceReport>& services) {
  Amount sum;
  try {
    for (const ServiceReport& service : services) {
      if (!service.check) continue;
      const Amount one = service.check->estimate.gpu_total();
      sum += {one.low * service.replicas, one.best * service.replicas, one.high * service.replicas};
    }
  } catch (const Error&) {
    return std::nullopt;
  }
  return sum;
}

void write_summary(JsonWriter& to, const DeploymentReport& report) {
  std::uint64_t replicas = 0, gpus = 0, by_severity[3] = {};
  const auto count = [&](const std::vector<deployment::Finding>& all) {
    for (const deployment::Finding& finding : all) ++by_severity[static_cast<std::size_t>(finding.severity)];
  };
  count(report.findings);
  for (const ServiceReport& service : report.services) {
    replicas += service.replicas;
    gpus += std::uint64_t{service.replicas} * service.gpus;
    count(service.findings);
  }
  to.member("services", report.services.size());
  for (std::size_t i = 0; i < status_count; ++i)
    to.member(count_keys[i], report.count(static_cast<Status>(i)));
  to.member("replicas", replicas);
  to.member("gpus", gpus);
  const std::optional<Amount> total = total_of(report.services);
  to.member("total_bytes", total ? std::optional(total->best) : std::nullopt);
  to.member("low_bytes", total ? std::optional(total->low) : std::nullopt);
  to.member("high_bytes", total ? std::optional(total->high) : std::nullopt);
  to.member("errors", by_severity[0]);
  to.member("warnings", by_severity[1]);
  to.member("notes", by_severity[2]);
  to.member("exit_status", report.exit_status);
}

void write(JsonWriter& to, const SharedGpu& gpu) {
  to.member("name", gpu.name);
  to.member("usable_bytes", known(gpu.usable.count()));
  write_amount(to, "total_bytes", gpu.used);
  to.texts("services", gpu.services);
  to.member("verdict", gpu.verdict ? std::optional(to_string(*gpu.verdict)) : std::nullopt);
}

void write(JsonWriter& to, const SharedMachine& machine) {
  to.member("name", machine.name);
  to.member("hardware", known(machine.hardware));
  to.objects("gpus", machine.gpus, [&](const SharedGpu& gpu) { write(to, gpu); });
}

void write(JsonWriter& to, const DeploymentChange& change) {
  to.member("baseline", change.baseline);
  to.objects("gpus", change.gpus, [&](const DeploymentChange::Gpu& gpu) {
    to.member("machine", gpu.machine);
    to.member("name", gpu.gpu);
    to.member("before_bytes", gpu.before);
    to.member("after_bytes", gpu.after);
  });
  to.objects("services", change.services, [&](const DeploymentChange::Service& service) {
    to.member("name", service.name);
    to.member("status_before", known(service.before));
    to.member("status_after", known(service.after));
    to.member("before_bytes", known(service.bytes_before.count()));
    to.member("after_bytes", known(service.bytes_after.count()));
  });
}

}  // namespace

void write(JsonWriter& to, const DeploymentReport& report) {
  to.objects("services", report.services, [&](const ServiceReport& service) { write(to, service); });
  to.object("summary", [&] { write_summary(to, report); });
  to.objects("machines", report.machines, [&](const SharedMachine& machine) { write(to, machine); });
  findings(to, report.findings);
  to.texts("files", report.files);
  if (report.change)
    to.object("change", [&] { write(to, *report.change); });
  else
    to.member("change", std::nullopt);
  to.texts("warnings", report.warnings);
}

}  // namespace vramcalc::render
