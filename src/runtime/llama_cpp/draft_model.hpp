#pragma once

#include <memory>

#include "runtime/llama_cpp/companion.hpp"
#include "vramcalc/runtime.hpp"

namespace vramcalc::llama_cpp {

// The draft model as llama-server loads it (llama.cpp 0.5.0, common/speculative.cpp,
// common_base_params_to_speculative): with the cells, slots and batches of the main model, its own cache
// types (f16 by default), and a row of logits per slot.
Companion draft_companion(const Runtime& runtime, std::shared_ptr<const DraftModel> draft,
                          const Options& options, const Architecture& main);

}  // namespace vramcalc::llama_cpp
