#include "runtime/llama_cpp/context.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "runtime/llama_cpp/compute_buffer.hpp"
#include "vramcalc/error.hpp"

namespace vramcalc::llama_cpp {
namespace {

// 2^32 - 1 cells is what n_ctx, a 32-bit number, can say.
constexpr std::uint64_t most_cells = UINT32_MAX - cell_step;

void check(const Workload& workload) {
  const auto refuse = [](const std::string& what) { throw Error(ErrorCode::bad_value, what); };
  if (workload.parallel && *workload.parallel == 0) refuse("--parallel must be at least 1");
  if (workload.parallel && *workload.parallel > most_sequences)
    refuse(fmt::format("--parallel {} is more than the {} sequences that llama.cpp takes", *workload.parallel,
                       most_sequences));
  if (workload.kv_unified && !workload.parallel)
    refuse(
        "--kv-unified needs an explicit --parallel (without it the four default slots share one cache "
        "anyway)");
  if (workload.batch == 0) refuse("--batch-size must be at least 1");
  if (workload.ubatch == 0) refuse("--ubatch-size must be at least 1");
  if (workload.context && *workload.context == 0) refuse("the context must be at least 1 token");
  if (workload.context && *workload.context > most_cells)
    refuse(fmt::format("a context of {} tokens is beyond what llama.cpp can count", *workload.context));
}

void lay_out_cells(const Workload& workload, std::uint64_t asked, ResolvedWorkload& resolved) {
  resolved.sequences = workload.parallel.value_or(default_slots);
  resolved.kv_unified = workload.parallel ? workload.kv_unified.value_or(false) : true;
  resolved.context = round_up(asked, cell_step);
  if (resolved.kv_unified) {
    resolved.streams = 1;
    resolved.cells = resolved.context;
  } else {
    resolved.streams = resolved.sequences;
    resolved.cells = round_up(std::max<std::uint64_t>(resolved.context / resolved.sequences, 1), cell_step);
    resolved.context = checked_multiply(resolved.cells, resolved.streams);
  }
}

bool caches_only_keys(const Architecture& architecture) {
  return std::any_of(architecture.blocks.begin(), architecture.blocks.end(), [](const Block& block) {
    const auto* latent = std::get_if<LatentAttention>(&block.attention);
    return latent != nullptr && latent->absorbed;
  });
}

// src/llama-context.cpp refuses these two.
void check_cache_types(const Architecture& architecture, const Workload& workload, bool flash_attention) {
  if (!flash_attention && is_quantized(workload.cache_type_v))
    throw Error(ErrorCode::unsupported, fmt::format("llama.cpp cannot keep V as {} without flash attention",
                                                    to_string(workload.cache_type_v)));
  if (caches_only_keys(architecture) && workload.cache_type_k != workload.cache_type_v)
    throw Error(
        ErrorCode::unsupported,
        fmt::format(
            "latent attention keeps K and V in one cache, so their types must agree: {} and {} do not",
            to_string(workload.cache_type_k), to_string(workload.cache_type_v)));
}

// A quantized V turns "auto" on, whether there is a kernel for it or not (src/llama-context.cpp,
// llama_init_from_model); an architecture that never has it is refused before that.
bool needs_flash_attention(const Architecture& architecture, const Workload& workload) {
  return workload.flash_attention == FlashAttention::automatic && is_quantized(workload.cache_type_v) &&
         !architecture.graph.never_flash_attention;
}

bool resolve_flash_attention(const Architecture& architecture, const Workload& workload,
                             const ResolvedWorkload& resolved) {
  if (workload.flash_attention == FlashAttention::on || needs_flash_attention(architecture, workload))
    return true;
  if (workload.flash_attention == FlashAttention::off) return false;
  return flash_attention_runs_on_device(architecture, graph_settings(architecture, workload, resolved));
}

}  // namespace

ResolvedWorkload resolve(const Architecture& architecture, const Workload& workload) {
  check(workload);
  ResolvedWorkload resolved;
  lay_out_cells(workload, workload.context.value_or(architecture.context_length), resolved);
  resolved.context_per_slot = std::min<std::uint64_t>(resolved.cells, architecture.context_length);
  const auto at_most = [](std::uint32_t value, std::uint64_t limit) {
    return static_cast<std::uint32_t>(std::min<std::uint64_t>(value, limit));
  };
  resolved.batch = architecture.causal ? at_most(workload.batch, resolved.context) : workload.batch;
  resolved.ubatch = at_most(workload.ubatch, resolved.batch);
  // a drafted token is verified by its own row (common/speculative.cpp)
  const std::uint64_t rows = checked_multiply(resolved.sequences, 1 + std::uint64_t{workload.draft_tokens});
  resolved.outputs = static_cast<std::uint32_t>(std::min<std::uint64_t>(rows, resolved.batch));
  resolved.flash_attention = resolve_flash_attention(architecture, workload, resolved);
  check_cache_types(architecture, workload, resolved.flash_attention);
  return resolved;
}

bool only_cells_change(const Workload& workload, const ResolvedWorkload& resolved) {
  return resolved.ubatch == std::min(workload.ubatch, workload.batch) && resolved.outputs < resolved.batch;
}

ResolvedWorkload with_cells(ResolvedWorkload resolved, std::uint64_t cells) {
  resolved.cells = cells;
  resolved.context = checked_multiply(cells, resolved.streams);
  return resolved;
}

GraphSettings graph_settings(const Architecture& architecture, const Workload& workload,
                             const ResolvedWorkload& resolved) {
  GraphSettings settings;
  settings.cells = resolved.cells;
  settings.streams = resolved.streams;
  settings.sequences = resolved.sequences;
  settings.ubatch = resolved.ubatch;
  settings.outputs = resolved.outputs;
  settings.flash_attention = resolved.flash_attention;
  settings.flash_attention_automatic = workload.flash_attention == FlashAttention::automatic;
  settings.cache_type_k = workload.cache_type_k;
  settings.cache_type_v = workload.cache_type_v;
  settings.cache_on_device = workload.kv_offload;
  for (const Block& block : architecture.blocks)
    if (const auto* attention = std::get_if<GroupedQueryAttention>(&block.attention);
        attention && attention->window)
      settings.window_cells = window_cells(*attention->window, resolved, workload.swa_full);
  return settings;
}

std::uint64_t window_cells(const Window& window, const ResolvedWorkload& resolved, bool swa_full) {
  if (swa_full) return resolved.cells;
  const std::uint64_t sharing = resolved.kv_unified ? resolved.sequences : 1;
  const std::uint64_t held = checked_add(checked_multiply(window.tokens, sharing), resolved.ubatch);
  return round_up(std::min(resolved.cells, held), cell_step);
}

}  // namespace vramcalc::llama_cpp
