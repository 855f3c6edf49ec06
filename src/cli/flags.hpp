#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/invocation.hpp"

// Every flag in one table: parsing, help and suggestions all read it.
namespace vramcalc::cli {

struct CommandName {
  std::string_view word;
  Command command;
};
std::span<const CommandName> commands();
std::optional<Command> command_named(std::string_view word);

using Commands = std::uint16_t;  // one bit a command
constexpr Commands bit(Command command) {
  return static_cast<Commands>(1u << static_cast<unsigned>(command));
}

enum class Topic { question, workload, placement, runtime, output };

struct Flag {
  std::string_view names;  // "-c, --ctx-size", as llama.cpp has them
  std::string_view value;  // what follows it: "N"; empty: a switch
  std::string_view help;
  Topic topic = Topic::question;
  bool common = false;    // in the short help
  Commands commands = 0;  // where it means something
  void (*apply)(Invocation&, const std::string& value) = nullptr;
};
std::span<const Flag> flags();

// Flags of llama.cpp, vLLM and SGLang that would change the figures, yet nothing here takes them into account: saying
// so is better than an answer to another question.
struct RefusedFlag {
  std::string_view names;
  std::string_view reason;
};
std::span<const RefusedFlag> refused_flags();

// Flags of llama-server that change no figure.
struct IgnoredFlag {
  std::string_view names;
  bool has_value = false;
};
std::span<const IgnoredFlag> ignored_flags();

std::vector<std::string_view> names_of(std::string_view names);  // one by one
bool has_name(std::string_view names, std::string_view name);

}  // namespace vramcalc::cli
