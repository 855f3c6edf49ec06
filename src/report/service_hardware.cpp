#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "deployment/finding_codes.hpp"
#include "report/deployment.hpp"

namespace vramcalc::report {
namespace {

using deployment::Finding;
using deployment::finding;
using deployment::GpuRequest;

std::string counted(std::uint64_t gpus) { return fmt::format("{} GPU{}", gpus, gpus == 1 ? "" : "s"); }

// What the input says that each pod gets; empty if it says nothing or asks for all.
std::optional<std::uint32_t> asked_for(const GpuRequest& request) {
  if (!request.indices.empty()) return static_cast<std::uint32_t>(request.indices.size());
  return request.all ? std::nullopt : request.count;
}

std::vector<std::uint32_t> first_of(std::uint32_t count) {
  std::vector<std::uint32_t> indices(count);
  std::iota(indices.begin(), indices.end(), 0u);
  return indices;
}

// The name of one card stands for as many as a service of its own asks for; "8x h100" twice is "16x h100".
void take_cards(Question& question, std::uint32_t count) {
  const std::size_t digits = question.gpu.find_first_not_of("0123456789");
  std::string card = question.gpu;
  if (digits > 0 && digits < 5 && card.substr(digits).starts_with("x ")) {
    count *= static_cast<std::uint32_t>(std::stoul(card.substr(0, digits)));
    card.erase(0, digits + 2);
  }
  question.gpu = count > 1 ? fmt::format("{}x {}", count, card) : card;
}

Finding mismatch(const ServiceQuestion& service, std::string message, std::string fix) {
  const deployment::Position& of_request = service.launch.gpus.at;
  return finding("gpu-count-mismatch", std::move(message),
                 of_request.file.empty() ? service.launch.at : of_request, std::move(fix));
}

void compare_with_need(const ServiceQuestion& service, std::uint64_t available,
                       std::vector<Finding>& findings) {
  const std::uint32_t needed = service.gpus_needed;
  if (needed > available)
    findings.push_back(mismatch(
        service,
        fmt::format("the parallel sizes need {}, and the service gets {}", counted(needed), available),
        "Ask for as many GPUs as the sizes multiply to, or lower them"));
  if (needed > 0 && needed < available && asked_for(service.launch.gpus))
    findings.push_back(finding("idle-gpus",
                               fmt::format("the service gets {} and uses {}", counted(available), needed),
                               service.launch.at, "Raise the parallel sizes or ask for fewer GPUs"));
}

void keep_fraction(Question& question, const GpuRequest& request, const Machine& machine) {
  if (!request.fraction || *request.fraction >= 1 || machine.devices.empty()) return;
  const auto usable = static_cast<double>(machine.devices.front().usable.count());
  question.reserve += Bytes(static_cast<std::uint64_t>((1 - *request.fraction) * usable));
}

}  // namespace

Question on_its_hardware(const Catalog& catalog, const ServiceQuestion& service,
                         std::span<const Runtime> runtimes, std::vector<Finding>& findings) {
  Question question = service.question;
  const GpuRequest& request = service.launch.gpus;
  Question plain = question;
  plain.reserve = {};
  const Machine machine = find_machine(catalog, completed(plain, runtimes));
  const auto present = static_cast<std::uint32_t>(std::max<std::size_t>(1, machine.devices.size()));
  const std::uint32_t pods = std::max(1u, service.launch.pods);
  const auto asked = asked_for(request);
  keep_fraction(question, request, machine);
  if (service.launch.machine.empty() && present == 1) {
    const std::uint32_t each = asked.value_or(request.all ? 1 : std::max(1u, service.gpus_needed / pods));
    if (each * pods == 0) return question;
    compare_with_need(service, std::uint64_t{each} * pods, findings);
    take_cards(question, std::max(each * pods, service.gpus_needed));
    return question;
  }
  if (asked && *asked > present)
    findings.push_back(mismatch(
        service,
        fmt::format("the service asks for {}, and {} has {}", counted(*asked), machine.name, present),
        "Name the hardware with as many GPUs: --gpu '8x h100-sxm-80gb'"));
  const std::uint32_t last = request.indices.empty() ? 0 : std::ranges::max(request.indices);
  if (last >= present)
    findings.push_back(mismatch(
        service,
        fmt::format("the service asks for GPU {}, and {} has {}", last, machine.name, counted(present)),
        fmt::format("Name the hardware with all of its GPUs: --gpu '{}x {}'", last + 1, question.gpu)));
  if (!request.indices.empty() && last < present && pods == 1)
    question.visible_gpus = request.indices;
  else if (asked && *asked<present&& * asked> 0 && pods == 1)
    question.visible_gpus = first_of(*asked);
  if (pods > 1 && question.visible_gpus.empty()) take_cards(question, pods);
  compare_with_need(service, std::uint64_t{std::min(asked.value_or(present), present)} * pods, findings);
  return question;
}

}  // namespace vramcalc::report
