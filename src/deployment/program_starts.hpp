#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "vramcalc/deployment.hpp"

namespace vramcalc::deployment {

struct ProgramStart {
  std::string program;    // id
  std::size_t words = 0;  // of the program itself
};
// The program that a command line is one of, by the tables of programs.
std::optional<ProgramStart> find_start(std::span<const Word> words);

// What an image runs before the arguments, and without any; null if no program has such an image.
struct ImageStart {
  std::vector<std::string> entrypoint;
  std::vector<std::string> command;
};
std::optional<ImageStart> start_of_image(std::string_view image);

// The last part of a path, without ".exe".
std::string_view base_name(std::string_view path);
bool is_python(std::string_view word);

}  // namespace vramcalc::deployment
