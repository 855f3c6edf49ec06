#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "deployment/formats.hpp"

// What SkyPilot's and dstack's tasks have in common.
namespace vramcalc::deployment {

// GPUs of which one kind will do.
struct GpuChoice {
  std::string hardware;  // an id of the catalog; empty: not known
  std::optional<std::uint32_t> count;
  std::optional<double> fraction;
  friend bool operator==(const GpuChoice&, const GpuChoice&) = default;
};
// What all choices agree on.
GpuRequest agreed(const std::vector<GpuChoice>& choices, std::string said_as, const Position& at);

// NAME=VALUE in a list, or a map; a name without a value is given when the task is started.
void add_task_variables(const Yaml* variables, const Documents& documents,
                        std::vector<Variable>& environment);
void add_task_variable(std::string_view name, std::uint32_t value, std::vector<Variable>& environment);

// The parts of a script, each at the line where the input has it.
struct TaskScript {
  std::string text;
  Position first_line;
};
TaskScript task_script(const std::vector<const Yaml*>& parts, const Documents& documents);

}  // namespace vramcalc::deployment
