#pragma once

#include <vector>

#include "vramcalc/architecture.hpp"
#include "vramcalc/bytes.hpp"

namespace vramcalc::llama_cpp {

// The state that recurrent and linear-attention layers keep per sequence, for any context and always in f32
// (llama.cpp 0.5.0, src/llama-memory-recurrent.cpp; widths: src/llama-hparams.cpp, n_embd_r and n_embd_s).
Bytes recurrent_state_bytes(const Architecture& architecture, std::uint32_t sequences);
std::vector<Bytes> recurrent_state_of_layers(const Architecture& architecture, std::uint32_t sequences);

}  // namespace vramcalc::llama_cpp
