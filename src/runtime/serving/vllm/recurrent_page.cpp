#include "runtime/serving/vllm/recurrent_page.hpp"

#include <algorithm>

#include "model/cache_rows.hpp"
#include "vramcalc/bytes.hpp"

namespace vramcalc::vllm {
namespace {

constexpr Release first_aligned_mode{0, 14, 0};
constexpr Release aligned_with_drafts{0, 18, 0};
constexpr Release nemotron_reads_config{0, 13, 0};
constexpr Release nemotron_defaults_to_f32{0, 20, 0};

template <class... Kinds>
bool is_any(const Attention& attention) {
  return (std::holds_alternative<Kinds>(attention) || ...);
}

bool is_mamba(const Block& block) { return is_any<Mamba1, Mamba2, ParallelMamba2Attention>(block.attention); }

std::uint64_t bytes_of(ElementType type) { return type == ElementType::f32 ? 4 : 2; }

// Only these models' classes look into the config (vllm/model_executor/models/config.py); Kimi Delta
// Attention is always f32, and the others keep the state in the model's type.
std::uint64_t state_bytes(const Architecture& architecture, const Settings& settings,
                          const Attention& attention) {
  if (std::holds_alternative<KimiDeltaAttention>(attention)) return 4;
  const auto& said = architecture.recurrent_state_type;
  if (architecture.model_type.starts_with("qwen3_5")) return said ? bytes_of(*said) : 2;
  if (architecture.model_type == "nemotron_h" && settings.release >= nemotron_reads_config)
    return said ? bytes_of(*said) : settings.release >= nemotron_defaults_to_f32 ? 4 : 2;
  return 2;
}

// Each rank needs the groups of its heads, so that fewer groups than ranks are stored more than once.
Attention with_groups_for_ranks(Attention attention, std::uint32_t ranks) {
  Mamba2* mamba = std::get_if<Mamba2>(&attention);
  if (auto* both = std::get_if<ParallelMamba2Attention>(&attention)) mamba = &both->mamba;
  if (mamba != nullptr && mamba->groups % ranks != 0) mamba->groups = ranks;
  return attention;
}

// A rejected draft is undone from the inputs of the convolution.
bool keeps_inputs_of_drafts(const Attention& attention) {
  return is_any<GatedDeltaNet, KimiDeltaAttention, Mamba2, ParallelMamba2Attention>(attention);
}

}  // namespace

MambaMode mamba_mode(const Architecture& architecture, const Settings& settings) {
  if (!settings.prefix_caching) return MambaMode::none;
  const bool mamba = std::ranges::any_of(architecture.blocks, is_mamba);
  if (settings.release < first_aligned_mode) return mamba ? MambaMode::all : MambaMode::none;
  const bool drafts = settings.drafts.method != serving::Drafts::Method::none;
  if (!mamba || (drafts && settings.release >= aligned_with_drafts)) return MambaMode::align;
  return MambaMode::all;
}

std::uint64_t undivided(const Attention& attention, std::uint32_t hidden_size, std::uint32_t ranks) {
  const SequenceState state = sequence_state(with_groups_for_ranks(attention, ranks), hidden_size);
  if (state.channels % ranks != 0) return state.channels;
  return state.recurrence % ranks != 0 ? state.recurrence : 0;
}

std::uint64_t recurrent_page(const Architecture& architecture, const Settings& settings,
                             const Attention& attention) {
  const std::uint32_t ranks = settings.parallel.tensor;
  const SequenceState state =
      sequence_state(with_groups_for_ranks(attention, ranks), architecture.hidden_size);
  if (state.empty()) return 0;
  const std::uint64_t drafts = keeps_inputs_of_drafts(attention) ? settings.drafts.tokens : 0;
  const std::uint64_t tail = state.tail == 0 ? 0 : state.tail + drafts;
  const std::uint64_t convolution = checked_multiply(state.channels / ranks, tail * 2);
  const std::uint64_t recurrence =
      checked_multiply(state.recurrence / ranks, state_bytes(architecture, settings, attention));
  return checked_add(convolution, recurrence);
}

}  // namespace vramcalc::vllm
