#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/commands.hpp"
#include "cli/invocation.hpp"
#include "vramcalc/catalog.hpp"

// Every flag is a row of a table in src/cli/flags/, which parsing, help, the man page, completions and
// suggestions read.
namespace vramcalc::cli {

// Applies a flag; `flag` is its first name, for messages.
using Apply = void (*)(Invocation&, std::string_view flag, const std::string& value);

// A word that may be typed, for completions.
struct Word {
  std::string_view text;
  std::string_view help;       // may be empty
  bool is_other_name = false;  // an alias: offered where nothing else matches
};
using Words = std::vector<Word> (*)(const Catalog&);

struct Flag {
  std::string_view names;  // "-c, --ctx-size", as llama.cpp has them
  std::string_view value;  // what follows it: "N"; empty: a switch
  std::string_view help;
  CommandSet commands = 0;  // that accept it
  Apply apply = nullptr;
  bool in_short_help = false;
  Words words = nullptr;  // that it takes; null if `value` lists them ("on|off"), or for any text
};

enum class Topic { question, deployment, workload, placement, serving, vllm, sglang, runtime, output };

// In the order of the long help.
std::span<const Topic> topics();
std::string_view title(Topic topic);

// Flags listed together in the long help.
struct FlagTable {
  Topic topic;
  std::span<const Flag> flags;
  std::string_view runtimes = {};  // ids of those that have these flags, separated by blanks; empty for all
};
// In the order of the long help.
std::span<const FlagTable* const> flag_tables();

// Flags of other programs that would change the figures but are not supported: refusing them is
// better than answering another question.
struct RefusedFlag {
  std::string_view names;
  std::string_view reason;
};
std::span<const RefusedFlag> refused_flags();

// Flags of llama-server, vLLM and SGLang that change no figure.
struct IgnoredFlag {
  std::string_view names;
  bool has_value = false;
};
std::span<const IgnoredFlag> ignored_flags();

std::vector<std::string_view> names_of(std::string_view names);  // one by one
bool has_name(std::string_view names, std::string_view name);
std::string_view runtimes_of(const Flag& flag);  // as in its table

}  // namespace vramcalc::cli
