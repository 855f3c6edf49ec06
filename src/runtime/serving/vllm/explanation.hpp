#pragma once

#include <string_view>
#include <vector>

#include "runtime/serving/vllm/session.hpp"

namespace vramcalc::vllm {

// Fills in the reason for each term of one rank: the formula with its numbers, and the source of the rule.
void add_reasons(const LoadedModel& loaded, const Architecture& architecture, std::string_view quantization,
                 const Demand& demand, std::size_t stage, std::vector<Term>& terms);

}  // namespace vramcalc::vllm
