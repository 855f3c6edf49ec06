#pragma once

#include <string_view>
#include <vector>

#include "vramcalc/catalog.hpp"

// Which GPU or system a word means that is none of the catalog's names, by the words that it shares with
// theirs: "NVIDIA A100 80GB PCIe", "a100-80g", "4060ti 16". Where several have all of its words ("M4 Max",
// "Jetson Orin", "rtx"), the error names them.
namespace vramcalc::catalog {

Catalog::Hardware find_hardware(std::string_view word, const std::vector<const Gpu*>& gpus,
                                const std::vector<const System*>& systems);

}  // namespace vramcalc::catalog
