#pragma once

#include <string_view>
#include <vector>

#include "vramcalc/deployment.hpp"

namespace vramcalc::deployment {

// ".env", "prod.env", ".env.local".
bool is_environment_file(std::string_view name);
// NAME=VALUE a line, with `export` before it or not; quotes are removed and nothing is expanded.
std::vector<Variable> environment_file(const Input& input);

}  // namespace vramcalc::deployment
