#pragma once

#include <span>
#include <string>
#include <vector>

#include "vramcalc/deployment.hpp"

// What tests of commands and scripts ask of a reading.
namespace vramcalc::deployment {

// A script as the input "start.sh".
Reading read_script(const std::string& script, const Supplied& supplied = {});
// "vllm: serve words", the program and its arguments; holes as ⟨name⟩ after the word they are in.
std::string line_of(const Launch& launch);
// One line a launch.
std::vector<std::string> lines_of(const Reading& reading);
std::vector<std::string> started(const std::string& script, const Supplied& supplied = {});
Supplied with(const std::string& name, const std::string& value);

}  // namespace vramcalc::deployment
