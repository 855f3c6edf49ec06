#pragma once

#include <random>

#include "source/gguf_parts.hpp"

// Mutations of a GGUF: keys get other values and types, tensors other layers, names and dimensions.
namespace vramcalc::fuzz {

using Random = std::minstd_rand;
void mutate(Gguf& gguf, Random& random);

}  // namespace vramcalc::fuzz
