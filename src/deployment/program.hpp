#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/programs.hpp"
#include "vramcalc/deployment.hpp"

// The programs that start models, read from data/programs/: their flags and how they read a command line.
namespace vramcalc::deployment {

using catalog::Grammar;
using catalog::Positional;
using catalog::Program;
using catalog::ProgramFlag;
using catalog::ProgramImage;
using catalog::Takes;

// Null if unknown.
const Program* find_program(std::string_view id);
std::span<const std::string_view> program_ids();

// The image that a reference names: "ghcr.io/ggml-org/llama.cpp:server-cuda" is "ggml-org/llama.cpp" with a
// tag that begins with "server"; mirrors prefix the name. Nulls if none.
struct KnownImage {
  const Program* program = nullptr;
  const ProgramImage* image = nullptr;
};
KnownImage find_image(std::string_view reference);

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
