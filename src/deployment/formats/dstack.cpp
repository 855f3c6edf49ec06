#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "deployment/accelerators.hpp"
#include "deployment/formats/cloud_task.hpp"
#include "deployment/formats/pod_spec.hpp"
#include "deployment/formats/readers.hpp"
#include "model/letters.hpp"

// dstack.ai/docs/reference/dstack.yml
namespace vramcalc::deployment {
namespace {

constexpr std::size_t most_parts = 16;

struct GpuSpec {
  std::vector<std::string> names;
  std::string memory;  // "80GB"; empty: not said, or a range
  std::optional<std::uint32_t> count = 1;
};

std::vector<std::string> parts_of(std::string_view text, char separator) {
  std::vector<std::string> parts;
  while (parts.size() < most_parts) {
    const std::size_t end = text.find(separator);
    parts.emplace_back(trimmed(text.substr(0, end)));
    if (end == text.npos) break;
    text.remove_prefix(end + 1);
  }
  return parts;
}

std::optional<std::uint32_t> number(const std::string& text) {
  const Yaml value{.kind = Yaml::Kind::scalar, .text = text};
  return whole_number(&value);
}

bool is_range(std::string_view text) { return text.find("..") != text.npos; }
bool is_memory(std::string_view text) {
  return !text.empty() && is_digit(text.front()) && contains_letters(text, "b");
}

// A count of "1..4" leaves it to dstack.
void set_count(const std::string& text, GpuSpec& spec) {
  spec.count = is_range(text) ? std::nullopt : number(text);
}

// "H100:80GB:2", "24GB", "A10G,L4:1..2", "nvidia:H100"
GpuSpec spec_of(std::string_view text) {
  constexpr std::array<std::string_view, 5> vendors = {"nvidia", "amd", "intel", "google", "tenstorrent"};
  GpuSpec spec;
  for (const std::string& part : parts_of(text, ':')) {
    const bool is_vendor =
        std::ranges::any_of(vendors, [&](std::string_view name) { return same_letters(name, part); });
    if (part.empty() || is_vendor) continue;
    if (is_memory(part))
      spec.memory = is_range(part) ? "" : part;
    else if (is_digit(part.front()) || is_range(part))
      set_count(part, spec);
    else
      spec.names = parts_of(part, ',');
  }
  return spec;
}

GpuSpec spec_of(const Yaml& gpu) {
  if (!gpu.is_map()) return spec_of(std::string_view(gpu.text));
  GpuSpec spec;
  if (const Yaml* name = gpu.find("name")) {
    if (name->is_scalar()) spec.names = parts_of(name->text, ',');
    for (const Yaml& item : name->items)
      if (spec.names.size() < most_parts) spec.names.push_back(item.text);
  }
  if (const std::string memory = gpu.text_of("memory"); !is_range(memory)) spec.memory = memory;
  if (const std::string count = gpu.text_of("count"); !count.empty()) set_count(count, spec);
  return spec;
}

std::string hardware_of(const std::string& name, const std::string& memory) {
  if (!memory.empty())
    if (const auto gpus = gpus_of_name(fmt::format("{}-{}", name, memory))) return gpus->hardware;
  const std::optional<NamedGpus> gpus = gpus_of_name(name);
  return gpus ? gpus->hardware : std::string();
}

std::string said(const Yaml& gpu) {
  if (!gpu.is_map()) return fmt::format("gpu: {}", gpu.text);
  std::string words;
  for (const auto& [name, value] : gpu.members)
    if (value.is_scalar()) words += fmt::format("{}{}: {}", words.empty() ? "" : ", ", name, value.text);
  return fmt::format("gpu: {{{}}}", words);
}

GpuRequest gpus_of(const Yaml* gpu, const Documents& documents) {
  if (gpu == nullptr || gpu->is_list() || gpu->kind == Yaml::Kind::null) return {};
  const GpuSpec spec = spec_of(*gpu);
  std::vector<GpuChoice> choices;
  for (const std::string& name : spec.names)
    choices.push_back({.hardware = hardware_of(name, spec.memory), .count = spec.count, .fraction = {}});
  if (choices.empty()) choices.push_back({.hardware = {}, .count = spec.count, .fraction = {}});
  return agreed(choices, said(*gpu), position(documents, *gpu));
}

// "1..4": the largest number.
std::uint32_t replicas_of(const Yaml* replicas) {
  if (replicas == nullptr || !replicas->is_scalar()) return 1;
  const std::size_t range = replicas->text.find("..");
  const std::string most = range == replicas->text.npos ? replicas->text : replicas->text.substr(range + 2);
  return std::max(number(most).value_or(1), 1U);
}

// A member of a group of replicas, or of the whole run.
const Yaml* member(const Yaml& group, const Yaml& run, std::string_view name) {
  const Yaml* own = group.find(name);
  return own != nullptr ? own : run.find(name);
}

void start(const Launch& launch, const Yaml* commands, const Documents& documents, Reading& reading) {
  std::vector<const Yaml*> parts;
  if (commands != nullptr)
    for (const Yaml& command : commands->items) parts.push_back(&command);
  Launch base = launch;
  const TaskScript script = task_script(parts, documents);
  if (!parts.empty()) base.at = script.first_line;
  const bool found = parts.empty() ? add_command({}, base, documents.supplied, reading)
                                   : add_script(script.text, base, documents.supplied, reading);
  if (!found && has_gpus(launch.gpus))
    add_unread(launch, "gets GPUs for a program that is not known", reading);
}

void read_group(const Yaml& group, const Documents& documents, Reading& reading) {
  const Yaml& run = documents.document;
  Launch launch;
  launch.name = member(group, run, "name") != nullptr ? member(group, run, "name")->text : "";
  launch.at = position(documents, group);
  if (const Yaml* image = member(group, run, "image")) launch.image = image->text;
  const Yaml* resources = member(group, run, "resources");
  launch.gpus = gpus_of(resources == nullptr ? nullptr : resources->find("gpu"), documents);
  launch.pods = std::max(whole_number(run.find("nodes")).value_or(1), 1U);
  launch.replicas = replicas_of(&group == &run ? run.find("replicas") : group.find("count"));
  add_task_variables(run.find("env"), documents, launch.environment);
  if (&group != &run) add_task_variables(group.find("env"), documents, launch.environment);
  if (launch.gpus.count) {
    add_task_variable("DSTACK_GPUS_PER_NODE", *launch.gpus.count, launch.environment);
    add_task_variable("DSTACK_GPUS_NUM", *launch.gpus.count * launch.pods, launch.environment);
  }
  add_task_variable("DSTACK_NODES_NUM", launch.pods, launch.environment);
  start(launch, member(group, run, "commands"), documents, reading);
}

}  // namespace

bool is_dstack(const Yaml& document) {
  constexpr std::array<std::string_view, 3> types = {"service", "task", "dev-environment"};
  constexpr std::array<std::string_view, 5> members = {"commands", "image", "resources", "replicas", "ide"};
  const std::string type = document.text_of("type");
  if (std::ranges::find(types, type) == types.end() || document.find("apiVersion") != nullptr) return false;
  return std::ranges::any_of(members, [&](std::string_view name) { return document.find(name) != nullptr; });
}

void read_dstack(const Documents& documents, Reading& reading) {
  if (documents.document.text_of("type") == "dev-environment") return;  // what is started there is typed
  const Yaml* replicas = documents.document.find("replicas");
  if (replicas == nullptr || !replicas->is_list()) return read_group(documents.document, documents, reading);
  for (std::size_t i = 0; i < std::min(replicas->items.size(), most_parts); ++i)
    if (replicas->items[i].is_map()) read_group(replicas->items[i], documents, reading);
}

}  // namespace vramcalc::deployment
