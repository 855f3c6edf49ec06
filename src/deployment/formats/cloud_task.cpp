#include "deployment/formats/cloud_task.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "deployment/formats/pod_spec.hpp"
#include "deployment/formats/source_lines.hpp"
#include "model/letters.hpp"

namespace vramcalc::deployment {
namespace {

const std::string* supplied_for(const Documents& documents, std::string_view name) {
  for (const auto& [variable, value] : documents.supplied.variables)
    if (variable == name) return &value;
  return nullptr;
}

void add_variable(const std::string& name, const std::string* own, const Position& at,
                  const Documents& documents, std::vector<Variable>& environment) {
  const std::string* supplied = supplied_for(documents, name);
  if (const std::string* value = supplied != nullptr ? supplied : own; value != nullptr)
    return environment.push_back({
        name, {*value, at}
    });
  environment.push_back({
      name,
      {fmt::format("${{{}}}", name),
        at, {{name, "is given when the task is started", fmt::format("--set {}=VALUE", name)}}}
  });
}

}  // namespace

GpuRequest agreed(const std::vector<GpuChoice>& choices, std::string said_as, const Position& at) {
  GpuRequest gpus;
  gpus.said_as = std::move(said_as);
  gpus.at = at;
  if (choices.empty()) return gpus;
  const auto same = [&](auto member) {
    return std::ranges::all_of(
        choices, [&](const GpuChoice& choice) { return choice.*member == choices.front().*member; });
  };
  if (same(&GpuChoice::hardware)) gpus.hardware = choices.front().hardware;
  if (same(&GpuChoice::count)) gpus.count = choices.front().count;
  if (same(&GpuChoice::fraction)) gpus.fraction = choices.front().fraction;
  return gpus;
}

void add_task_variables(const Yaml* variables, const Documents& documents,
                        std::vector<Variable>& environment) {
  if (variables == nullptr) return;
  for (const Yaml& item : variables->items) {
    const std::size_t equals = item.text.find('=');
    const std::string value = equals == item.text.npos ? "" : item.text.substr(equals + 1);
    add_variable(item.text.substr(0, equals), equals == item.text.npos ? nullptr : &value,
                 position(documents, item), documents, environment);
  }
  for (const auto& [name, value] : variables->members)
    add_variable(name, value.is_scalar() ? &value.text : nullptr, position(documents, value), documents,
                 environment);
}

void add_task_variable(std::string_view name, std::uint32_t value, std::vector<Variable>& environment) {
  environment.push_back({
      std::string(name), {fmt::format("{}", value), {}}
  });
}

TaskScript task_script(const std::vector<const Yaml*>& parts, const Documents& documents) {
  const SourceLines lines(documents.input.text);
  TaskScript script;
  std::uint32_t line = 0;  // of the end of the script
  for (const Yaml* part : parts) {
    if (!part->is_scalar()) continue;
    const std::string_view text = part->text;
    const std::uint32_t begin = lines.from(part->line).next(text.substr(0, text.find('\n')));
    if (script.text.empty()) {
      script.first_line = {documents.input.name, begin};
      line = begin;
    }
    for (; line < begin; ++line) script.text.push_back('\n');
    script.text += text;
    if (!text.ends_with('\n')) script.text.push_back('\n');
    line += static_cast<std::uint32_t>(std::ranges::count(text, '\n')) + (text.ends_with('\n') ? 0 : 1);
  }
  return script;
}

}  // namespace vramcalc::deployment
