#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "deployment/accelerators.hpp"
#include "deployment/formats/cloud_task.hpp"
#include "deployment/formats/pod_spec.hpp"
#include "deployment/formats/readers.hpp"
#include "model/letters.hpp"

// docs.skypilot.co/en/latest/reference/yaml-spec.html
namespace vramcalc::deployment {
namespace {

constexpr std::size_t most_choices = 64;

// SkyPilot's catalog names the larger ones with their size: A100-80GB, V100-32GB.
struct Name {
  std::string_view name, hardware;
};
constexpr std::array smaller = {
    Name{"A100", "a100-sxm-40gb" },
    Name{"V100", "v100-sxm2-16gb"},
    Name{"P100", "p100-pcie-16gb"},
};

std::string hardware_of(std::string_view name) {
  for (const Name& row : smaller)
    if (same_letters(row.name, name)) return std::string(row.hardware);
  const std::optional<NamedGpus> gpus = gpus_of_name(name);
  return gpus ? gpus->hardware : std::string();
}

// "H100:8", "L4", "T4:0.5"; a map has the count as its value.
GpuChoice choice_of(std::string_view name, std::string_view count) {
  GpuChoice choice{.hardware = hardware_of(trimmed(name)), .count = {}, .fraction = {}};
  double number = 1;
  count = trimmed(count);
  const auto [end, error] = std::from_chars(count.data(), count.data() + count.size(), number);
  if (!count.empty() && (error != std::errc() || end != count.data() + count.size())) return choice;
  if (number > 0 && number < 1) choice.fraction = number;
  if (number > 0 && number < 100'000) choice.count = static_cast<std::uint32_t>(std::ceil(number));
  return choice;
}

GpuChoice choice_of(std::string_view text) {
  const std::size_t colon = std::min(text.find(':'), text.size());
  return choice_of(text.substr(0, colon), text.substr(std::min(colon + 1, text.size())));
}

void add(std::string_view words, std::string& said) {
  constexpr std::size_t longest = 200;
  if (said.size() > longest) return;
  said += fmt::format("{}{}", said.empty() ? "" : ", ", words);
}

// Empty or "infinity" as a count is not one.
void add_accelerators(const Yaml& accelerators, std::vector<GpuChoice>& choices, std::string& said) {
  if (accelerators.is_scalar()) {
    choices.push_back(choice_of(accelerators.text));
    add(accelerators.text, said);
  }
  for (const Yaml& item : accelerators.items) {
    choices.push_back(choice_of(item.text));
    add(item.text, said);
  }
  for (const auto& [name, count] : accelerators.members) {
    choices.push_back(count.is_scalar() ? choice_of(name, count.text) : choice_of(name));
    add(count.is_scalar() ? fmt::format("{}: {}", name, count.text) : name, said);
  }
}

// An instance type that the catalog does not know may have any number of GPUs.
void add_instance(const Yaml& type, std::vector<GpuChoice>& choices, std::string& said) {
  const std::optional<NamedGpus> gpus = gpus_of_instance(type.text);
  choices.push_back(
      {.hardware = gpus ? gpus->hardware : "", .count = gpus ? gpus->count : std::nullopt, .fraction = {}});
  add(fmt::format("instance_type: {}", type.text), said);
}

void add_resources(const Yaml& resources, std::vector<GpuChoice>& choices, std::string& said) {
  if (const Yaml* accelerators = resources.find("accelerators"))
    add_accelerators(*accelerators, choices, said);
  else if (const Yaml* type = resources.find("instance_type"))
    add_instance(*type, choices, said);
}

GpuRequest gpus_of(const Yaml* resources, const Documents& documents) {
  if (resources == nullptr) return {};
  std::vector<GpuChoice> choices;
  std::string said;
  add_resources(*resources, choices, said);
  constexpr std::array<std::string_view, 2> lists = {"any_of", "ordered"};
  for (const std::string_view name : lists)
    if (const Yaml* list = resources->find(name))
      for (const Yaml& item : list->items)
        if (choices.size() < most_choices) add_resources(item, choices, said);
  if (choices.empty()) return {};
  return agreed(choices, fmt::format("accelerators: {}", said), position(documents, *resources));
}

// The largest number that an autoscaler may start.
std::uint32_t replicas_of(const Yaml& document) {
  constexpr std::array<std::string_view, 2> policies = {"max_replicas", "min_replicas"};
  const Yaml* service = document.find("service");
  if (service == nullptr) return 1;
  if (const auto replicas = whole_number(service->find("replicas"))) return std::max(*replicas, 1U);
  for (const std::string_view name : policies)
    if (const auto replicas = whole_number(service->at({"replica_policy", name})))
      return std::max(*replicas, 1U);
  return 1;
}

}  // namespace

bool is_skypilot(const Yaml& document) {
  constexpr std::array<std::string_view, 7> members = {"resources", "num_nodes",   "setup",  "envs",
                                                       "workdir",   "file_mounts", "service"};
  const Yaml* run = document.find("run");
  if (run == nullptr || !run->is_scalar() || document.find("apiVersion") != nullptr) return false;
  return std::ranges::any_of(members, [&](std::string_view name) { return document.find(name) != nullptr; });
}

void read_skypilot(const Documents& documents, Reading& reading) {
  const Yaml& task = documents.document;
  Launch launch;
  launch.name = task.text_of("name");
  launch.gpus = gpus_of(task.find("resources"), documents);
  launch.pods = std::max(whole_number(task.find("num_nodes")).value_or(1), 1U);
  launch.replicas = replicas_of(task);
  add_task_variables(task.find("envs"), documents, launch.environment);
  add_task_variables(task.find("secrets"), documents, launch.environment);
  if (launch.gpus.count)
    add_task_variable("SKYPILOT_NUM_GPUS_PER_NODE", *launch.gpus.count, launch.environment);
  add_task_variable("SKYPILOT_NUM_NODES", launch.pods, launch.environment);
  const TaskScript script = task_script({task.find("run")}, documents);
  launch.at = script.first_line;
  if (!add_script(script.text, launch, documents.supplied, reading) && has_gpus(launch.gpus))
    add_unread(launch, "gets GPUs for a program that is not known", reading);
}

}  // namespace vramcalc::deployment
