#pragma once

#include <string>
#include <vector>

#include "vramcalc/architecture.hpp"

// The shapes of the files whose figures are in tests/measured/compute/.
namespace vramcalc::measured {

Architecture shape_of(const std::string& model);
std::vector<std::string> known_shapes();

}  // namespace vramcalc::measured
