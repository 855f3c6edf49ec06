#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

// The programs that start models (data/programs/): their flags and how they read a command line.
namespace vramcalc::catalog {

enum class Takes : std::uint8_t { none, one, optional, many, two };

// How a value is read.
enum class Grammar : std::uint8_t {
  text,
  boolean,          // Go's strconv.ParseBool
  leading_integer,  // std::stoi: reads leading digits and ignores the rest ("32k" is 32)
  leading_number,   // std::stof
  integer,          // Python's int()
  number,           // Python's float()
  human_integer,    // vLLM's: 32k is 32,000 and 32K 32,768; 25.6k is read, 25.6K refused
  json,             // or dotted keys: --name.key value
};

// What words take the place of flags.
enum class Positional : std::uint8_t { none, model, model_and_prompt };

struct ProgramFlag {
  std::vector<std::string> names;      // the first one is canonical
  std::vector<std::string> negations;  // "--no-…", which turn it off
  Takes takes = Takes::none;
  Grammar grammar = Grammar::text;
  bool bears_on_memory = false;
  bool accumulates = false;          // all of its values count, and not only the last one
  std::string meaning;               // for the memory
  std::string default_value;         // as documented; empty: unknown
  std::string variable;              // of the environment, which the flag overrides
  std::vector<std::string> choices;  // of a text; of a number: words that will do instead
  std::string since, until;          // dates of samples in which it was first and last seen; empty: all
  std::string replaced_by;           // what to write instead of a removed flag; empty: nothing
};

struct ProgramImage {
  std::string name;                     // "vllm/vllm-openai", without a tag
  std::string tag;                      // what the tag begins with; empty: any
  std::vector<std::string> entrypoint;  // that precedes the arguments; empty: the arguments name the program
  std::vector<std::string> command;     // the arguments if none are given
};

struct ProgramRelease {
  std::string release;  // "0.10.0", "b7000"
  std::string date;     // YYYY-MM-DD
};

// A spelling of a flag, of a negation too.
struct FlagSpelling {
  std::string spelling;
  std::uint32_t flag = 0;  // its place in `flags`
  bool negated = false;
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
  bool negates_variables = false;  // LLAMA_ARG_NO_MMPROJ_AUTO turns off what LLAMA_ARG_MMPROJ_AUTO turns on
  bool ignores_bad_variables = false;  // what cannot be read is logged, and the default holds
  Positional positional = Positional::none;
  std::string config_flag;                       // whose file holds further flags: "--config"
  std::vector<std::vector<std::string>> starts;  // words that start it: {"vllm", "serve"}
  std::vector<ProgramImage> images;
  std::vector<std::string> samples;      // dates of the sources that `since` and `until` are from, in order
  std::vector<ProgramRelease> releases;  // in order
  std::uint32_t branch_days = 0;         // by which a release's source may be older than its date
  std::vector<ProgramFlag> flags;        // of several with one spelling the release decides
  std::vector<FlagSpelling> spellings;   // of all flags, sorted
};

// Reads a file of data/programs/ strictly. Error (bad_file).
Program read_program(std::string_view text, const std::string& file);

}  // namespace vramcalc::catalog
