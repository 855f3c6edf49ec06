#pragma once

#include <cstdint>

namespace vramcalc::llama_cpp {

// The parameters of a context with defaults and paddings applied.
struct ResolvedContext {
  std::uint64_t context = 0;           // n_ctx, all cells of all streams
  std::uint64_t context_per_slot = 0;  // the most that one sequence can use
  std::uint64_t cells = 0;             // KV cells of one stream
  std::uint32_t streams = 1;
  std::uint32_t sequences = 1;            // slots
  std::uint32_t states_per_sequence = 1;  // recurrent states: the current one and those to roll back to
  bool kv_unified = true;
  std::uint32_t batch = 0;
  std::uint32_t ubatch = 0;
  std::uint32_t outputs = 0;  // reserved rows of logits
  bool flash_attention = true;
  friend bool operator==(const ResolvedContext&, const ResolvedContext&) = default;
};

}  // namespace vramcalc::llama_cpp
