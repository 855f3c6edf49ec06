#pragma once

#include <string>

#include "cli/arguments.hpp"
#include "cli/terminal.hpp"

namespace vramcalc::cli {

// The whole outcome of a command line, before a byte of it is written.
struct Outcome {
  std::string out;
  std::string err;
  int status = 0;
};

using Answer = Report (*)(const Question&);

Outcome outcome_of(const Arguments& arguments, Answer answer, const Terminal& terminal);

// Writes the outcome and returns the exit status.
int run(const Arguments& arguments, Answer answer);

}  // namespace vramcalc::cli
