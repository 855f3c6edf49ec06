#pragma once

#include <string>

#include "cli/arguments.hpp"
#include "cli/terminal.hpp"

namespace vramcalc::cli {

// Everything that a command line leads to, before a byte of it is written.
struct Outcome {
  std::string out;
  std::string err;
  int status = 0;
};

using Answer = Report (*)(const Question&);

Outcome outcome_of(const Arguments& arguments, Answer answer, const Terminal& terminal);

// The same, written; the exit status.
int run(const Arguments& arguments, Answer answer);

}  // namespace vramcalc::cli
