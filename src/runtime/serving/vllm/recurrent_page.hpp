#pragma once

#include <cstdint>

#include "runtime/serving/vllm/settings.hpp"
#include "vramcalc/architecture.hpp"

namespace vramcalc::vllm {

// --mamba-cache-mode: how many states a sequence keeps.
enum class MambaMode : std::uint8_t {
  none,   // one
  align,  // the current one and that of the last whole block
  all,    // one per block
};

// With prefix caching, Mamba's own layers keep all states where they can, others those of whole blocks
// (vllm/model_executor/models/config.py, MambaModelConfig).
MambaMode mamba_mode(const Architecture& architecture, const Settings& settings);

// The elements of a recurrent layer that do not divide among that many ranks; 0 if all do.
std::uint64_t undivided(const Attention& attention, std::uint32_t hidden_size, std::uint32_t ranks);

// Bytes of one sequence's state in this layer, per rank (vllm/model_executor/layers/mamba/mamba_utils.py). 0
// for layers that keep none. The layer must divide among the ranks.
std::uint64_t recurrent_page(const Architecture& architecture, const Settings& settings,
                             const Attention& attention);

}  // namespace vramcalc::vllm
