#pragma once

#include <vector>

#include "runtime/llama_cpp/resolved_context.hpp"
#include "vramcalc/architecture.hpp"
#include "vramcalc/bytes.hpp"

namespace vramcalc::llama_cpp {

// The state that recurrent and linear-attention layers keep per sequence, for any context and always in f32
// (llama.cpp 0.5.0, src/llama-memory-recurrent.cpp; widths: src/llama-hparams.cpp, n_embd_r and n_embd_s).
Bytes recurrent_state_bytes(const Architecture& architecture, const ResolvedContext& resolved);
std::vector<Bytes> recurrent_state_of_layers(const Architecture& architecture,
                                             const ResolvedContext& resolved);

// Whether a sequence can also keep earlier states, to which it returns when drafted tokens are rejected.
bool keeps_rollback_states(const Architecture& architecture);

}  // namespace vramcalc::llama_cpp
