#pragma once

#include <string_view>
#include <vector>

#include "runtime/serving/vllm/engine.hpp"

namespace vramcalc::vllm {

// Fills in the reason for each term of one rank: the formula with its numbers, and the source of the rule.
void add_reasons(const Engine& engine, const Architecture& architecture, std::string_view quantization,
                 const Demand& demand, std::size_t stage, std::vector<Term>& terms);

}  // namespace vramcalc::vllm
