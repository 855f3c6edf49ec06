#include "render/deployment_sample.hpp"

#include <algorithm>

#include "deployment/finding_codes.hpp"

namespace vramcalc::sample {
namespace {

using Status = ServiceReport::Status;

Bytes gb(double number) { return Bytes(static_cast<std::uint64_t>(number * 1e9 + 0.5)); }
Amount around(double number) { return {gb(number - 0.5), gb(number), gb(number + 0.5)}; }

deployment::Argument argument(std::string flag, std::string value, bool bears_on_memory = true) {
  return {std::move(flag), std::move(value), {}, bears_on_memory, {}};
}

void place(ServiceReport& service, std::string hardware, std::uint32_t gpus, const CheckReport& check) {
  service.hardware = std::move(hardware);
  service.gpus = gpus;
  service.check = check;
}

SharedMachine machine() {
  return {
      "compose.yaml",
      "2x rtx-4090",
      {{"gpu0", gb(25.2), around(30.5), {"chat", "embed"}, Verdict::no},
        {"gpu1", gb(25.2), around(12.1), {"chat"}, Verdict::great}}
  };
}

}  // namespace

CheckReport check_of(double needs, double usable, Verdict verdict) {
  CheckReport check;
  check.summary.model.name = "Qwen3 32B";
  check.summary.model.architecture.context_length = 40'960;
  check.settings.runtime = "vLLM";
  check.settings.runtime_version = "0.19";
  check.settings.quantization = "FP8";
  check.settings.demand = {32'768};
  check.settings.of_runtime = {
      {"context", std::uint64_t{32'768}}
  };
  Term weights;
  weights.amount = around(needs);
  check.estimate.places = {
      {Place::gpu(0), {weights}}
  };
  check.machine.name = "2x NVIDIA H100";
  check.machine.usable = gb(usable);
  check.places = {
      {Place::gpu(0), "2x NVIDIA H100", gb(usable), around(needs), verdict}
  };
  check.verdict = verdict;
  check.fits = verdict != Verdict::no;
  check.max_context = 40'960;
  return check;
}

ServiceReport service(const std::string& name, const std::string& file, std::uint32_t line, Status status) {
  ServiceReport service;
  service.name = name;
  service.at = {file, line};
  service.program = "vllm";
  service.status = status;
  return service;
}

DeploymentReport deployment() {
  const std::string compose = "compose.yaml", k8s = "k8s/models.yaml";
  DeploymentReport report;
  report.files = {compose, k8s};
  report.exit_status = 1;

  ServiceReport chat = service("chat", compose, 12, Status::fits);
  chat.release = "0.10.1";
  chat.model = "Qwen/Qwen3-32B";
  chat.quantization = "FP8";
  chat.arguments = {argument("model", "Qwen/Qwen3-32B"),       argument("--max-model-len", "32768"),
                    argument("--api-key", "sk-secret", false), argument("--lora-modules", "a=x"),
                    argument("--lora-modules", "b=y"),         argument("--max-num-seqs", "${SEQS}")};
  chat.arguments.back().holes = {
      {"SEQS", "has no value here", "--set SEQS=VALUE"}
  };
  place(chat, "2x h100-sxm-80gb", 2, check_of(68.1, 144.2, Verdict::great));
  chat.replicas = 3;
  chat.findings = {deployment::finding("repeated-flag", "--max-model-len is given twice; 32768 counts",
                                       {compose, 20}, "remove one of them")};

  ServiceReport embed = service("embed", compose, 31, Status::does_not_fit);
  embed.model = "Qwen/Qwen3-Embedding-8B";
  embed.quantization = "BF16";
  place(embed, "rtx-4090", 1, check_of(31.4, 22.7, Verdict::no));
  embed.findings = {deployment::finding("does-not-fit", "it needs 31.4 GB of 22.7 GB", {compose, 31},
                                        "--max-model-len 4096 fits")};

  ServiceReport rerank = service("rerank", k8s, 40, Status::would_not_start);
  rerank.model = "BAAI/bge-reranker-v2-m3";
  rerank.hardware = "l4";
  rerank.gpus = 1;
  rerank.findings = {
      deployment::finding("removed-flag", "vLLM 0.10 has no --device", {k8s, 52}, "remove it")};

  ServiceReport draft = service("draft", k8s, 71, Status::unresolved);
  draft.findings = {
      deployment::finding("unresolved", "MODEL has no value here", {k8s, 80}, "--set MODEL=VALUE")};

  ServiceReport code = service("code", k8s, 101, Status::tight);
  code.model = "Qwen/Qwen3-Coder-30B-A3B-Instruct";
  code.quantization = "FP8";
  place(code, "a100-pcie-40gb", 1, check_of(38.2, 38.4, Verdict::tight));

  report.services = {chat, embed, rerank, draft, code};
  report.machines = {machine()};
  report.findings = {deployment::finding("shared-gpu-overfull",
                                         "chat and embed need 30.5 GB of gpu0 together, which has 25.2 GB",
                                         {compose, 0}, "give one of them gpu1")};
  report.warnings = {"k8s/extra.yaml has nothing that starts a model"};
  return report;
}

DeploymentReport one_service() {
  DeploymentReport report = deployment();
  report.services.resize(1);
  report.services[0].findings.clear();
  report.services[0].replicas = 1;
  report.files = {"compose.yaml"};
  report.machines.clear();
  report.findings.clear();
  report.warnings.clear();
  report.exit_status = 0;
  return report;
}

DeploymentReport changed_deployment() {
  DeploymentReport report = deployment();
  report.change = DeploymentChange{
      "main.json",
      {{"compose.yaml", "gpu0", gb(24.4), gb(30.5)}   },
      { {"embed", "fits", "does-not-fit", gb(22.1), gb(31.4)},
        {"old", "fits", "", gb(5), Bytes(0)},
        {"draft", "", "unresolved", Bytes(0), Bytes(0)}}
  };
  return report;
}

DeploymentReport hostile_deployment() {
  DeploymentReport report = changed_deployment();
  for (ServiceReport& service : report.services) {
    service.name = service.program = service.release = service.model = service.quantization =
        service.hardware = hostile_text;
    service.at.file = hostile_text;
    for (deployment::Argument& argument : service.arguments) argument.flag = argument.value = hostile_text;
    for (deployment::Finding& finding : service.findings)
      finding.message = finding.fix = finding.at.file = hostile_text;
  }
  for (deployment::Finding& finding : report.findings)
    finding.message = finding.fix = finding.at.file = hostile_text;
  for (SharedMachine& machine : report.machines) machine.name = machine.hardware = hostile_text;
  report.files = {hostile_text};
  report.warnings = {hostile_text};
  report.change->baseline = report.change->gpus[0].machine = report.change->services[0].name = hostile_text;
  return report;
}

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

}  // namespace vramcalc::sample
