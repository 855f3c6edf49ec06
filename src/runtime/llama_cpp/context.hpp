#pragma once

#include <cstdint>

#include "runtime/llama_cpp/compute_buffer.hpp"
#include "runtime/llama_cpp/resolved_context.hpp"
#include "vramcalc/architecture.hpp"
#include "vramcalc/backend.hpp"
#include "vramcalc/llama_cpp/options.hpp"

namespace vramcalc::llama_cpp {

// Cells are allocated in steps of this many tokens (llama.cpp 0.5.0, src/llama-context.cpp and
// src/llama-kv-cache-iswa.cpp).
inline constexpr std::uint64_t cell_step = 256;

// llama-server's slots when -np is not given, over one unified cache (tools/server, 0.5.0).
inline constexpr std::uint32_t default_slots = 4;

// The most sequences of a context (LLAMA_MAX_SEQ, src/llama-cparams.h).
inline constexpr std::uint32_t max_sequences = 256;

// With what this backend makes of them: CPUs have a flash attention for all heads, so "auto" is on.
ContextParams on_backend(const Architecture& architecture, ContextParams params, Backend backend);

// Applies defaults and paddings. Refuses what llama.cpp refuses (Error, bad_value).
ResolvedContext resolve(const Architecture& architecture, const ContextParams& params, std::uint64_t tokens);

// Whether "auto" flash attention is decided by what the devices compute.
bool depends_on_kernels(const Architecture& architecture, const ContextParams& params);

// Cells of one stream of a windowed layer (src/llama-kv-cache-iswa.cpp).
std::uint64_t window_cells(const Window& window, const ResolvedContext& resolved, bool swa_full);

// The contexts that are rounded up to the same number of cells and have the same batches: those of a context
// shorter than a batch are its own.
struct SameBatches {
  std::uint64_t least = 0, last = 0;
};
SameBatches same_batches(const ContextParams& params, const ResolvedContext& resolved, std::uint64_t tokens);

// Whether longer contexts change only cells, as is so once the context is no shorter than batches and
// outputs.
bool only_cells_change(const ContextParams& params, const ResolvedContext& resolved);
ResolvedContext with_cells(ResolvedContext resolved, std::uint64_t cells);

// What the reserved graph depends on.
GraphSettings graph_settings(const Architecture& architecture, const ContextParams& params,
                             const ResolvedContext& resolved);

// With the rules of a release. Unknown ones are those of 0.5.0.
GraphSettings with_rules(const Architecture& architecture, GraphSettings settings, const ReleaseRules& rules);

// Whether rows are dropped after the last layer.
Applies has_late_rows(const Architecture& architecture, const ReleaseRules& rules);

}  // namespace vramcalc::llama_cpp
