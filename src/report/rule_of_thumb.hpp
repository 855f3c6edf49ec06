#pragma once

#include "report/report.hpp"

namespace vramcalc::report {

// What model cards would say about the same load, and why it differs; empty where the rule itself was asked
// for or has nothing to say about the quantization.
std::optional<RuleOfThumb> rule_of_thumb_for(const Model& model, Session& truth, const Asked& asked,
                                             const Quantization& quantization, const Demand& demand,
                                             const std::optional<Demand>& full);

}  // namespace vramcalc::report
