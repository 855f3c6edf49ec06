#pragma once

#include <string>

#include "vramcalc/architecture.hpp"
#include "vramcalc/llama_cpp/options.hpp"

namespace vramcalc::llama_cpp {

// What --spec-type asks of the contexts: rows of logits, states to roll back to, prediction layers. Error
// (usage) for flags without their draft model, Error (unsupported) for a type that is not estimated.
void complete_drafting(Options& options, bool has_draft_model);

// What only the file of the draft model says: its type, and the layers of the model that it reads. Error
// (bad_value, unsupported) if it does not go with the model or the asked type.
void match_draft_model(Options& options, const Architecture& main, const Architecture& draft);

// What may surprise about a draft model without --spec-type, in a sentence; mostly empty. Null without one.
std::string remark_on_drafts(const DraftingParams& drafting, const Architecture* draft);

std::string names_of(const DraftingParams& drafting);  // "draft-mtp,ngram-mod"

// The flags of llama-server, each after a blank; empty without --spec-type.
std::string drafting_flags(const Options& options);

}  // namespace vramcalc::llama_cpp
