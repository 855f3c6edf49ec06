#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "vramcalc/deployment.hpp"

// The programs that start models, read from data/programs/: their flags and how they read a command line.
namespace vramcalc::deployment {

enum class Takes : std::uint8_t { none, one, optional, many, two };

// How a value is read.
enum class Grammar : std::uint8_t {
  text,
  leading_integer,  // std::stoi: reads leading digits and ignores the rest ("32k" is 32)
  leading_number,   // std::stof
  integer,          // Python's int()
  number,           // Python's float()
  human_integer,    // vLLM's: 32k is 32,000 and 32K 32,768; 25.6k is read, 25.6K refused
  json,             // or dotted keys: --name.key value
};

struct ProgramFlag {
  std::vector<std::string> names;      // the first one is canonical
  std::vector<std::string> negations;  // "--no-…", which turn it off
  Takes takes = Takes::none;
  Grammar grammar = Grammar::text;
  bool bears_on_memory = false;
  std::string meaning;        // for the memory
  std::string default_value;  // as documented; empty: unknown
  std::string variable;       // of the environment, which the flag overrides
  std::vector<std::string> choices;
  std::string since, until;  // releases or dates of samples, see `seen`
  std::string replaced_by;   // what to write instead of a removed flag; empty: nothing
};

struct ProgramImage {
  std::string name;                     // "vllm/vllm-openai", without a tag
  std::vector<std::string> entrypoint;  // that precedes the arguments; empty: the arguments name the program
};

struct Program {
  std::string id;       // "vllm"
  std::string runtime;  // id of the runtime whose rules hold
  std::string title;
  std::string source;
  bool abbreviates = false;        // argparse: a unique prefix of a long flag will do
  bool joins_with_equals = false;  // --flag=value
  bool takes_underscores = false;  // --max_model_len
  bool reads_dotted_keys = false;
  std::string config_flag;                       // whose file holds further flags: "--config"
  std::vector<std::vector<std::string>> starts;  // words that start it: {"vllm", "serve"}
  std::vector<ProgramImage> images;
  std::vector<ProgramFlag> flags;
};

// Null if unknown.
const Program* find_program(std::string_view id);
std::span<const std::string_view> program_ids();

// A command line as its program reads it.
struct Command {
  const Program* program = nullptr;
  std::string release;              // that the input says; empty: the newest
  std::vector<Argument> arguments;  // the last value of each flag, environment included; lists keep all
  std::vector<Finding> findings;
  std::vector<Hole> holes;  // unknown or ambiguous flags, values that are not known
  bool starts = true;       // false: the program refuses the line
};

Command read_arguments(const Launch& launch);

}  // namespace vramcalc::deployment
