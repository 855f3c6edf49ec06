#pragma once

#include "vramcalc/demand.hpp"
#include "vramcalc/estimate.hpp"
#include "vramcalc/explanation.hpp"
#include "vramcalc/llama_cpp/options.hpp"
#include "vramcalc/weights.hpp"

namespace vramcalc::llama_cpp {

// The inputs of a term of this kind.
Explanation explanation(TermKind kind, const Architecture& architecture, const ContextParams& params,
                        const Demand& demand, const Weights& weights);

}  // namespace vramcalc::llama_cpp
