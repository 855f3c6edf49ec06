#pragma once

#include <memory>
#include <string>

#include "runtime/llama_cpp/companion.hpp"
#include "vramcalc/runtime.hpp"

namespace vramcalc::llama_cpp {

// The draft model as llama-server loads it (llama.cpp 0.5.0, common/speculative.cpp,
// common_base_params_to_speculative): with the cells, slots and batches of the main model, its own cache
// types (f16 by default), and a row of logits per slot.
//
// Older builds have such a context for each slot, which holds the tokens of one slot (pull request 22838).
Companion draft_companion(const Runtime& runtime, std::shared_ptr<const DraftModel> draft,
                          const Options& options, const Architecture& main);

// Its file, or what that would be called.
std::string file_of(const DraftModel& draft);

}  // namespace vramcalc::llama_cpp
