#pragma once

#include <string_view>
#include <vector>

#include "vramcalc/catalog.hpp"

// The GPU or system meant by a name that the catalog does not have, by the words that they share: "NVIDIA
// A100 80GB PCIe", "a100-80g", "4060ti 16". If several have all of its words ("M4 Max", "Jetson Orin",
// "rtx"), the error names them.
namespace vramcalc::catalog {

Catalog::Hardware find_hardware(std::string_view word, const std::vector<const Gpu*>& gpus,
                                const std::vector<const System*>& systems);

}  // namespace vramcalc::catalog
