#pragma once

#include <string_view>

namespace vramcalc::catalog {

// The row of a model_type in data/architectures.json, as text.
struct ArchitectureRow {
  std::string_view model_type;
  std::string_view json;
};

}  // namespace vramcalc::catalog
