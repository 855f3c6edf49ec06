#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace vramcalc::test {

struct Command {
  std::vector<std::string> words;  // the program's path first
  std::map<std::string, std::string> environment;
  // An empty path is the null device.
  std::filesystem::path in, out, err;
};

// Runs the command and waits for it. Gives its exit status, 128 + N where signal N ended it.
// Throws std::system_error where it cannot be started.
int run(const Command& command);

}  // namespace vramcalc::test
