#pragma once

#include <string>

#include "vramcalc/llama_cpp/options.hpp"

namespace vramcalc::llama_cpp {

// What --spec-type asks of the contexts: rows of logits, states to roll back to, prediction layers. Error
// (usage) for flags without their draft model, Error (unsupported) for a type that is not estimated.
void complete_drafting(Options& options, bool has_draft_model);

// Otherwise than by a draft model alone.
bool drafts_unusually(const DraftingParams& drafting);
std::string names_of(const DraftingParams& drafting);  // "draft-mtp,ngram-mod"

// The flags of llama-server, each after a blank; empty without drafts that need no file.
std::string drafting_flags(const Options& options);

}  // namespace vramcalc::llama_cpp
