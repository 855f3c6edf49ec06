#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "vramcalc/tensor.hpp"

namespace vramcalc::test {

using NamedShape = std::pair<std::string, std::vector<std::uint64_t>>;

// The tensors of a file that llama.cpp 0.5.0 loads, from the lines `tensor NAME DIMENSIONS [LAYERS]` of
// tests/measured/quantization/MODEL.txt.
std::set<NamedShape> measured_tensors(const std::string& model);

NamedShape named_shape(const Tensor&);

}  // namespace vramcalc::test
