#include "runtime/llama_cpp/context.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "runtime/llama_cpp/automatic_flash_attention.hpp"
#include "runtime/llama_cpp/recurrent_state.hpp"
#include "vramcalc/error.hpp"

namespace vramcalc::llama_cpp {
namespace {

void check(const ContextParams& params, std::uint64_t tokens) {
  const auto refuse = [](const std::string& what) { throw Error(ErrorCode::bad_value, what); };
  if (params.parallel && *params.parallel == 0) refuse("--parallel must be at least 1");
  if (params.parallel && *params.parallel > max_sequences)
    refuse(fmt::format("--parallel {} exceeds llama.cpp's limit of {} sequences", *params.parallel,
                       max_sequences));
  if (params.kv_unified && !params.parallel)
    refuse(
        "--kv-unified needs an explicit --parallel (without it the four default slots share one cache "
        "anyway)");
  if (params.batch == 0) refuse("--batch-size must be at least 1");
  if (params.ubatch == 0) refuse("--ubatch-size must be at least 1");
  if (tokens == 0) refuse("the context must be at least 1 token");
  if (tokens > most_cells)
    refuse(fmt::format("a context of {} tokens is more than llama.cpp can count", tokens));
}

void lay_out_cells(const ContextParams& params, std::uint64_t asked, ResolvedContext& resolved) {
  const bool four_slots = params.rules.four_slots != Applies::no;
  resolved.sequences = params.parallel.value_or(four_slots ? default_slots : 1);
  resolved.kv_unified = params.parallel ? params.kv_unified.value_or(false) : four_slots;
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
void check_cache_types(const Architecture& architecture, const ContextParams& params, bool flash_attention) {
  if (!flash_attention && is_quantized(params.cache_type_v))
    throw Error(ErrorCode::unsupported, fmt::format("llama.cpp cannot store V as {} without flash attention",
                                                    to_string(params.cache_type_v)));
  if (caches_only_keys(architecture) && params.cache_type_k != params.cache_type_v)
    throw Error(
        ErrorCode::unsupported,
        fmt::format(
            "latent attention stores K and V in one cache, so both must have the same type, not {} and {}",
            to_string(params.cache_type_k), to_string(params.cache_type_v)));
}

// A quantized V turns "auto" on, whether there is a kernel for it or not (src/llama-context.cpp,
// llama_init_from_model); an architecture that never has it is refused before that.
bool needs_flash_attention(const Architecture& architecture, const ContextParams& params) {
  return params.flash_attention == FlashAttention::automatic && is_quantized(params.cache_type_v) &&
         !architecture.graph.never_flash_attention;
}

bool resolve_flash_attention(const Architecture& architecture, const ContextParams& params,
                             const ResolvedContext& resolved) {
  if (params.flash_attention == FlashAttention::on || needs_flash_attention(architecture, params))
    return true;
  if (params.flash_attention == FlashAttention::off) return false;
  const GraphSettings settings = graph_settings(architecture, params, resolved);
  return params.kv_offload ? flash_attention_runs_on_device(architecture, settings)
                           : flash_attention_runs_with_layers(architecture, settings, {});
}

// The prediction layers have no recurrent state.
std::uint32_t states_per_sequence(const Architecture& architecture, const ContextParams& params) {
  if (params.predicts) return 0;
  return keeps_rollback_states(architecture) ? 1 + params.rollback_states : 1;
}

}  // namespace

bool depends_on_kernels(const Architecture& architecture, const ContextParams& params) {
  return params.flash_attention == FlashAttention::automatic && !is_quantized(params.cache_type_v) &&
         !architecture.graph.never_flash_attention;
}

ContextParams on_backend(const Architecture& architecture, ContextParams params, Backend backend) {
  const bool decides = params.flash_attention == FlashAttention::automatic;
  if (backend == Backend::cpu && decides && !architecture.graph.never_flash_attention)
    params.flash_attention = FlashAttention::on;
  return params;
}

ResolvedContext resolve(const Architecture& architecture, const ContextParams& params, std::uint64_t tokens) {
  check(params, tokens);
  ResolvedContext resolved;
  lay_out_cells(params, tokens, resolved);
  resolved.context_per_slot = std::min<std::uint64_t>(resolved.cells, architecture.context_length);
  const auto at_most = [](std::uint32_t value, std::uint64_t limit) {
    return static_cast<std::uint32_t>(std::min<std::uint64_t>(value, limit));
  };
  // Limited before the context is rounded up (src/llama-context.cpp).
  resolved.batch = architecture.causal ? at_most(params.batch, tokens) : params.batch;
  resolved.ubatch = at_most(params.ubatch, resolved.batch);
  // Each drafted token is verified by its own row (common/speculative.cpp).
  const std::uint64_t rows = checked_multiply(resolved.sequences, 1 + std::uint64_t{params.draft_tokens});
  resolved.outputs = static_cast<std::uint32_t>(std::min<std::uint64_t>(rows, resolved.batch));
  resolved.states_per_sequence = states_per_sequence(architecture, params);
  resolved.flash_attention = resolve_flash_attention(architecture, params, resolved);
  check_cache_types(architecture, params, resolved.flash_attention);
  return resolved;
}

bool only_cells_change(const ContextParams& params, const ResolvedContext& resolved) {
  return resolved.ubatch == std::min(params.ubatch, params.batch) && resolved.ubatch <= resolved.context &&
         resolved.outputs < resolved.batch;
}

SameBatches same_batches(const ContextParams& params, const ResolvedContext& resolved, std::uint64_t tokens) {
  if (!only_cells_change(params, resolved)) return {tokens, tokens};
  const std::uint64_t step = cell_step * resolved.streams;
  const std::uint64_t above = resolved.context > step ? resolved.context - step : 0;
  return {std::max({above, std::uint64_t{resolved.ubatch} - 1, std::uint64_t{resolved.outputs}}) + 1,
          resolved.context};
}

ResolvedContext with_cells(ResolvedContext resolved, std::uint64_t cells) {
  resolved.cells = cells;
  resolved.context = checked_multiply(cells, resolved.streams);
  return resolved;
}

GraphSettings graph_settings(const Architecture& architecture, const ContextParams& params,
                             const ResolvedContext& resolved) {
  GraphSettings settings;
  settings.cells = resolved.cells;
  settings.streams = resolved.streams;
  settings.sequences = resolved.sequences;
  // The batches of encoders may be larger than their context (src/llama-context.cpp, sched_reserve).
  settings.ubatch = static_cast<std::uint32_t>(std::min<std::uint64_t>(resolved.ubatch, resolved.context));
  settings.outputs = resolved.outputs;
  settings.flash_attention = resolved.flash_attention;
  settings.flash_attention_automatic = params.flash_attention == FlashAttention::automatic;
  settings.cache_type_k = params.cache_type_k;
  settings.cache_type_v = params.cache_type_v;
  settings.cache_on_device = params.kv_offload;
  settings.rollback_states = resolved.states_per_sequence > 1 ? resolved.states_per_sequence - 1 : 0;
  settings.predicts = params.predicts;
  settings.samples = (params.predicts || architecture.draft_head) && params.samples_on_device;
  settings.extracted_layers = params.extracted_layers;
  for (const Block& block : architecture.blocks)
    if (const auto* attention = std::get_if<GroupedQueryAttention>(&block.attention);
        attention && attention->window)
      settings.window_cells = window_cells(*attention->window, resolved, params.swa_full);
  return with_rules(architecture, settings, params.rules);
}

GraphSettings with_rules(const Architecture& architecture, GraphSettings settings,
                         const ReleaseRules& rules) {
  if (rules.all_logits == Applies::yes) settings.outputs = settings.ubatch;
  settings.f32_mask = rules.f32_mask == Applies::yes;
  settings.room_for_embeddings = rules.room_for_embeddings != Applies::no;
  settings.rotates_heads = rules.rotates_heads != Applies::no;
  settings.late_rows = has_late_rows(architecture, rules) != Applies::no;
  settings.mixed_inputs = rules.mixed_inputs == Applies::yes;
  return settings;
}

Applies has_late_rows(const Architecture& architecture, const ReleaseRules& rules) {
  return architecture.gguf_name.starts_with("qwen35") ? rules.late_rows_of_qwen35 : rules.late_rows;
}

std::uint64_t window_cells(const Window& window, const ResolvedContext& resolved, bool swa_full) {
  if (swa_full) return resolved.cells;
  const std::uint64_t sharing = resolved.kv_unified ? resolved.sequences : 1;
  const std::uint64_t needed = checked_add(checked_multiply(window.tokens, sharing), resolved.ubatch);
  return round_up(std::min(resolved.cells, needed), cell_step);
}

}  // namespace vramcalc::llama_cpp
