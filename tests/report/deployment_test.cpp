#include <algorithm>

#include "catch.hpp"
#include "vramcalc/ask.hpp"

using namespace vramcalc;
using Status = ServiceReport::Status;

namespace {

ServiceQuestion served(const char* name, const char* model, const char* gpu, std::uint32_t tensor = 1) {
  ServiceQuestion service;
  service.launch.name = name;
  service.launch.program = "vllm";
  service.launch.at = {"compose.yaml", 3};
  service.gpus_needed = tensor;
  service.question.command = Command::check;
  service.question.runtime = "vllm";
  service.question.model = model;
  service.question.gpu = gpu;
  service.question.options.vllm.tensor_parallel_size = tensor;
  return service;
}

DeploymentReport report_on(std::vector<ServiceQuestion> services, DeploymentPolicy policy = {}) {
  DeploymentQuestion question;
  question.services = std::move(services);
  question.policy = std::move(policy);
  question.policy.today = "2026-11-29";
  return answer(std::move(question), runtimes());
}

bool has(const std::vector<deployment::Finding>& findings, std::string_view code) {
  return std::ranges::any_of(findings, [&](const deployment::Finding& each) { return each.code == code; });
}

}  // namespace

TEST_CASE("a service is judged as check judges its command") {
  const DeploymentReport report = report_on({served("small", "qwen3-8b", "h100-sxm-80gb"),
                                             served("large", "llama-3.3-70b", "h100-sxm-80gb"),
                                             served("unknown", "Nobody/Knows-This-7B", "h100-sxm-80gb")});
  REQUIRE(report.services.size() == 3);
  CHECK(report.services[0].status == Status::fits);
  CHECK(report.services[0].findings.empty());
  CHECK(report.services[1].status == Status::does_not_fit);
  CHECK(has(report.services[1].findings, "does-not-fit"));
  CHECK(report.services[2].status == Status::unresolved);
  CHECK(report.exit_status == 1);
  CHECK(report.count(Status::unresolved) == 1);
}

TEST_CASE("the exit status says what could not be told, unless a list says what fails") {
  ServiceQuestion open = served("open", "qwen3-8b", "h100-sxm-80gb");
  open.holes.push_back({"MODEL", "has no value here", "--set MODEL=VALUE"});
  struct Row {
    std::vector<std::string> fail_on;
    int status;
  };
  const Row rows[] = {
      {{},               2},
      {{"unresolved"},   1},
      {{"does-not-fit"}, 0},
      {{"none"},         0},
      {{"warning"},      1},
  };
  for (const Row& row : rows) CHECK(report_on({open}, {.fail_on = row.fail_on}).exit_status == row.status);
}

TEST_CASE("the name of one card stands for as many as a pod asks for") {
  ServiceQuestion pod = served("pod", "llama-3.3-70b", "h100-sxm-80gb", 4);
  pod.launch.gpus.count = 4;
  const DeploymentReport report = report_on({pod});
  CHECK(report.services[0].status == Status::fits);
  CHECK(report.services[0].hardware == "4x h100-sxm-80gb");
  CHECK(report.services[0].gpus == 4);
}

TEST_CASE("parallel sizes that need more GPUs than the service gets do not start") {
  struct Row {
    std::uint32_t tensor, count, pods;
    const char* code;
    Status status;
  };
  const Row rows[] = {
      {4, 2, 1, "gpu-count-mismatch", Status::would_not_start},
      {2, 4, 1, "idle-gpus",          Status::fits           },
      {4, 2, 2, nullptr,              Status::fits           },
  };
  for (const Row& row : rows) {
    ServiceQuestion service = served("pod", "qwen3-32b", "h100-sxm-80gb", row.tensor);
    service.launch.gpus.count = row.count;
    service.launch.pods = row.pods;
    const DeploymentReport report = report_on({service});
    INFO(row.tensor << " of " << row.count << " on " << row.pods);
    CHECK(report.services[0].status == row.status);
    if (row.code == nullptr)
      CHECK(report.services[0].findings.empty());
    else
      CHECK(has(report.services[0].findings, row.code));
  }
}

TEST_CASE("engines that share a GPU are added up") {
  ServiceQuestion first = served("first", "qwen3-8b", "2x h100-sxm-80gb");
  ServiceQuestion second = served("second", "qwen3-8b", "2x h100-sxm-80gb");
  first.launch.machine = second.launch.machine = "compose.yaml";
  first.launch.gpus.indices = {1};
  second.launch.gpus.indices = {1};
  const DeploymentReport both = report_on({first, second});
  REQUIRE(both.machines.size() == 1);
  REQUIRE(both.machines[0].gpus.size() == 2);
  CHECK(both.machines[0].gpus[0].services.empty());
  CHECK(both.machines[0].gpus[1].services == std::vector<std::string>{"first", "second"});
  CHECK(both.machines[0].gpus[1].verdict == Verdict::no);
  CHECK(has(both.findings, "fractions-exceed-one"));
  CHECK(both.exit_status == 1);

  second.launch.gpus.indices = {0};
  const DeploymentReport apart = report_on({first, second});
  CHECK(apart.findings.empty());
  CHECK(apart.exit_status == 0);
}

TEST_CASE("services that never run at once are not added up") {
  ServiceQuestion first = served("first", "qwen3-8b", "h100-sxm-80gb");
  ServiceQuestion second = served("second", "qwen3-8b", "h100-sxm-80gb");
  first.launch.machine = second.launch.machine = "config.yaml";
  DeploymentQuestion question;
  question.services = {first, second};
  question.together = {
      {"config.yaml", {{0}, {1}}}
  };
  CHECK(answer(question, runtimes()).findings.empty());
}

TEST_CASE("a policy asks for room") {
  const DeploymentReport report =
      report_on({served("small", "qwen3-8b", "rtx-4090")}, {.headroom = 0.5, .fail_on = {}});
  CHECK(has(report.services[0].findings, "headroom"));
  CHECK(report.exit_status == 1);
}

TEST_CASE("what is ignored with a reason does not fail, until its day") {
  const ServiceQuestion large = served("large", "llama-3.3-70b", "h100-sxm-80gb");
  struct Row {
    const char *code, *until;
    std::uint32_t line;
    int status;
  };
  const Row rows[] = {
      {"does-not-fit", "",           0, 0},
      {"does-not-fit", "2027-01-01", 3, 0},
      {"does-not-fit", "2027-01-01", 2, 0},
      {"does-not-fit", "2027-01-01", 9, 1},
      {"does-not-fit", "2026-11-28", 0, 1},
      {"tight",        "",           0, 1},
  };
  for (const Row& row : rows) {
    DeploymentPolicy policy;
    policy.ignored.push_back({
        row.code, {"compose.yaml", row.line},
         row.until, "a reason"
    });
    INFO(row.code << " " << row.until << " " << row.line);
    CHECK(report_on({large}, policy).exit_status == row.status);
  }
}
