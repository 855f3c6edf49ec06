#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "vramcalc/ask.hpp"

namespace vramcalc::cli {

struct CommandName {
  std::string_view word;
  Command command;
  std::string_view arguments;  // "MODEL --gpu HARDWARE"
  std::string_view help;
};
std::span<const CommandName> commands();
CommandName overview();  // the command without a word
std::optional<Command> command_named(std::string_view word);

// Throws Error (usage) for a command of another program, or a word one letter away from a command of ours.
void refuse_mistaken_command(std::string_view word);

using CommandSet = std::uint16_t;  // one bit per command
constexpr CommandSet only(Command command) {
  return static_cast<CommandSet>(1u << static_cast<unsigned>(command));
}

inline constexpr CommandSet about_deployments = only(Command::check);
inline constexpr CommandSet about_one_model =
    only(Command::overview) | only(Command::check) | only(Command::plan);
inline constexpr CommandSet about_models =
    about_one_model | only(Command::recommend) | only(Command::compare);
inline constexpr CommandSet every_command = about_models | only(Command::models) | only(Command::quants) |
                                            only(Command::gpus) | only(Command::systems);

}  // namespace vramcalc::cli
