#pragma once

#include <string>
#include <utility>
#include <vector>

namespace vramcalc::deployment {

// The variables of a compose file's .env, in their order. One that refers to what the file does not set is
// left out, so that it stays open where it is used. Lines that are not NAME=VALUE are passed over.
std::vector<std::pair<std::string, std::string>> dot_env(const std::string& text);

}  // namespace vramcalc::deployment
