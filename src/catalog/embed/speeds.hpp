#pragma once

#include <string>

namespace vramcalc::catalog::embed {

// data/speeds.json as C++ (speed/calibration.hpp). `shown` is the file's name in errors.
std::string speeds_source(const std::string& json, const std::string& shown);

}  // namespace vramcalc::catalog::embed
