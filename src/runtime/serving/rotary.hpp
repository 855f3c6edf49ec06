#pragma once

#include <cstdint>

#include "vramcalc/architecture.hpp"

namespace vramcalc::serving {

// Cosines and sines of all positions, which every rank holds once per distinct rotary embedding.
std::uint64_t rotary_values(const Architecture& architecture);

}  // namespace vramcalc::serving
