#pragma once

#include <vector>

#include "deployment/program.hpp"

namespace vramcalc::deployment {

// A word of a command line, or of what takes the place of one.
struct ArgumentWord {
  Word word;
  bool of_config = false;  // from a file that the line names
};

// The name part of a word, up to "=", if it is a flag's and no hole is in it: "--max-model-len=${LENGTH}".
bool has_known_name(const Word& word);

// Dotted keys (vLLM, utils/argparse_utils.py) as one JSON value per flag, which follows all other words:
// "--hf-overrides.a 1 --hf-overrides.b.c 2" is "--hf-overrides {"a":1,"b":{"c":2}}".
std::vector<ArgumentWord> with_merged_keys(const Program& program, std::vector<ArgumentWord> words);

// The words with those of the file that --config names. What is wrong with the file goes to `command`.
std::vector<ArgumentWord> with_config(const Program& program, const Launch& launch, Command& command);

}  // namespace vramcalc::deployment
