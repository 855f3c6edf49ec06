#pragma once

#include <memory>

#include "runtime/llama_cpp/companion.hpp"
#include "runtime/llama_cpp/session.hpp"

// Drafts by the model's own prediction layers (--spec-type draft-mtp).
namespace vramcalc::llama_cpp {

// Error (unsupported) for a model with which llama-server cannot draft so.
void require_prediction(const Architecture& architecture);

// The context of the prediction layers, as llama-server makes it (llama.cpp 0.5.0, common/speculative.cpp,
// common_base_params_to_speculative): like that of the model, with its own cache types (f16 by default), a
// row of logits per slot, and no states to roll back to.
ContextParams params_of_predictions(const Options& options);

// What that context takes; its weights are the model's.
Companion prediction_companion(std::shared_ptr<Session> predictions);

}  // namespace vramcalc::llama_cpp
