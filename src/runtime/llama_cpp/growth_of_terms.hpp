#pragma once

#include <cstdint>

#include "runtime/llama_cpp/growth.hpp"
#include "vramcalc/architecture.hpp"
#include "vramcalc/llama_cpp/options.hpp"

namespace vramcalc::llama_cpp {

// All terms except weights with everything on one GPU, from `first` tokens to `last` at most.
EvenGrowth growth_of_terms(const Architecture& architecture, const ContextParams& params, std::uint64_t first,
                           std::uint64_t last);

}  // namespace vramcalc::llama_cpp
