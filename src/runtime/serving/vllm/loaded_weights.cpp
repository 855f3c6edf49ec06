#include "runtime/serving/vllm/loaded_weights.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "runtime/serving/rank_weights.hpp"
#include "runtime/serving/sharding.hpp"
#include "runtime/serving/vllm/expert_padding.hpp"
#include "runtime/serving/vllm/lora.hpp"
#include "runtime/serving/vllm/online_quantization.hpp"

namespace vramcalc::vllm {
namespace {

// ---- rotary embeddings

// Models that rotate only part of a head (partial_rotary_factor, rotary_dim). Prefixes of model_type.
struct PartialRotary {
  std::string_view model_type;
  std::uint32_t divisor;
};
constexpr std::array partial_rotaries = {
    PartialRotary{"chatglm",    2},
    PartialRotary{"glm4",       2},
    PartialRotary{"gpt_neox",   4},
    PartialRotary{"minimax_m2", 2},
    PartialRotary{"nemotron",   2},
    PartialRotary{"qwen3_5",    4},
    PartialRotary{"qwen3_next", 4},
    PartialRotary{"stablelm",   4},
};

// The table of multimodal rope has four times the positions, for long videos (MRotaryEmbedding).
constexpr std::uint64_t positions_of_videos = 4;

// Windowed layers have a rope of their own base.
constexpr std::array<std::string_view, 2> two_bases = {"gemma3", "gemma4"};

template <class Prefixes>
bool starts_with_any(std::string_view text, const Prefixes& prefixes) {
  return std::ranges::any_of(prefixes, [&](std::string_view prefix) { return text.starts_with(prefix); });
}

std::uint32_t rotary_divisor(std::string_view model_type) {
  for (const PartialRotary& row : partial_rotaries)
    if (model_type.starts_with(row.model_type)) return row.divisor;
  return 1;
}

// Two layers with equal keys share a table.
struct Rotary {
  std::uint32_t dimensions = 0;
  bool windowed = false;
  friend auto operator<=>(const Rotary&, const Rotary&) = default;
};

std::optional<Rotary> rotary_of(const Block& block, const Architecture& architecture) {
  if (const auto* latent = std::get_if<LatentAttention>(&block.attention))
    return latent->rope ? std::optional(Rotary{latent->qk_rope_head_dim}) : std::nullopt;
  if (const auto* compressed = std::get_if<CompressedAttention>(&block.attention))
    return Rotary{compressed->qk_rope_head_dim};
  const auto* grouped = serving::grouped_query(block.attention);
  if (grouped == nullptr || !grouped->rope) return std::nullopt;
  return Rotary{grouped->key_length / rotary_divisor(architecture.model_type),
                grouped->window.has_value() && starts_with_any(architecture.model_type, two_bases)};
}

// ---- parts that vLLM does not load as they are stored

bool is_indexer(Role role) { return role >= Role::indexer_q_b && role <= Role::indexer_compressor_norm; }

constexpr std::uint64_t sixteen_bits = 2;

// The indexer is dequantized to BF16, weights of 32 bits are cast to 16, and --quantization packs layers
// while they are loaded.
CheckpointPart as_loaded(CheckpointPart part, const Options& options) {
  if (!part.packed && part.kind.component == Component::weight)
    part.bytes = std::min(part.bytes, Bytes(part.elements) * sixteen_bits);
  if (part.packed && is_indexer(part.kind.role)) part.bytes = Bytes(part.elements) * sixteen_bits;
  if (part.packed || part.tower || part.kind.component != Component::weight) return part;
  const std::uint64_t eighths = loaded_eighths_of_bits(options.quantization, part.kind.role);
  if (eighths < 128) part.bytes = Bytes(checked_multiply(part.elements, eighths) / 64);
  return part;
}

bool is_loaded_otherwise(const CheckpointPart& part, const Options& options) {
  return as_loaded(part, options) != part;
}

std::vector<serving::StageWeights> weights_of(const Loading& load, const serving::LoadedParts& loaded) {
  const auto weigh = [&](std::span<const CheckpointPart> parts) {
    return serving::rank_weights(parts, load.architecture, load.settings.parallel, loaded);
  };
  const auto otherwise = [&](const CheckpointPart& part) { return is_loaded_otherwise(part, load.options); };
  if (std::ranges::none_of(load.parts, otherwise)) return weigh(load.parts);
  std::vector<CheckpointPart> parts(load.parts.begin(), load.parts.end());
  for (CheckpointPart& part : parts) part = as_loaded(part, load.options);
  return weigh(parts);
}

// Latent attention needs kv_b in 16 bits to absorb it, so a packed one is there twice
// (vllm/model_executor/layers/attention/mla_attention.py, process_weights_after_loading).
std::vector<serving::StageWeights> dequantized_projections(const Loading& load,
                                                           const serving::LoadedParts& loaded) {
  std::vector<CheckpointPart> copies;
  for (const CheckpointPart& part : load.parts) {
    if (!part.packed || part.kind != TensorKind(Role::kv_b)) continue;
    copies.push_back(part);
    copies.back().bytes = Bytes(part.elements) * sixteen_bits;
    copies.back().packed = false;
  }
  return serving::rank_weights(copies, load.architecture, load.settings.parallel, loaded);
}

// Qwen3-VL keeps the features of several layers of its vision tower for a whole batch, one buffer each.
Bytes feature_buffers(const Loading& load) {
  if (load.options.language_model_only || load.architecture.towers.empty()) return {};
  return Bytes(checked_multiply(load.architecture.graph.stacked_embeddings, load.architecture.hidden_size)) *
         load.settings.max_num_batched_tokens * sixteen_bits;
}

// Logged figures exceed the sum by up to 1 % and 64 MiB (workspaces of kernels; 89 starts of 0.8 to 0.31).
// With expandable segments PyTorch's allocator does not round, and one start seems to lack the dequantized
// projections.
Amount total_of(const LoadedStage& stage) {
  const Bytes least = stage.tensors - stage.offloaded + stage.rope_tables + stage.buffers + stage.padding +
                      stage.lora + stage.draft_model;
  const Bytes sum = least + stage.rounding + stage.dequantized;
  return {least - Bytes(least.count() / 500), sum, sum + Bytes(sum.count() / 100 + 64 * MiB)};
}

serving::LoadedParts loaded_parts(const Loading& load) {
  return {.prediction_layers = load.options.drafts.method == serving::Drafts::Method::mtp,
          .towers = !load.options.language_model_only,
          .whole_towers = load.options.mm_encoder_data_parallel};
}

LoadedStage loaded_stage(const Loading& load, const serving::StageWeights& weights) {
  LoadedStage stage{.tensors = weights.total,
                    .rounding = weights.rounding,
                    .rope_tables = rope_tables(load.architecture),
                    .buffers = {},
                    .padding = expert_padding(load.architecture, load.settings, load.device, weights.experts),
                    .dequantized = {},
                    .lora = {},
                    .draft_model = load.draft_model,
                    .offloaded = std::min(load.options.cpu_offload, weights.total),
                    .total = {}};
  return stage;
}

// Some vision towers are not split: their heads are too few, or the model's code has plain layers.
Bytes whole_towers(const Loading& load, const serving::LoadedParts& loaded,
                   const serving::StageWeights& weights) {
  return loaded.whole_towers ? Bytes() : weights.towers * (load.settings.parallel.tensor - 1);
}

}  // namespace

Bytes rope_tables(const Architecture& architecture) {
  std::set<Rotary> rotaries;
  for (const Block& block : architecture.blocks)
    if (const auto rotary = rotary_of(block, architecture)) rotaries.insert(*rotary);
  std::uint64_t dimensions = 0;
  for (const Rotary& rotary : rotaries) dimensions += rotary.dimensions;
  const std::uint64_t copies = architecture.graph.position_components > 1 ? positions_of_videos : 1;
  return Bytes(checked_multiply(architecture.context_length, dimensions)) * (copies * sixteen_bits);
}

std::vector<LoadedStage> loaded_weights(const Loading& load) {
  const serving::LoadedParts loaded = loaded_parts(load);
  const std::vector<serving::StageWeights> weights = weights_of(load, loaded);
  const std::vector<serving::StageWeights> dequantized = dequantized_projections(load, loaded);
  const std::vector<Bytes> lora = lora_slots(load.architecture, load.settings, load.options);
  std::vector<LoadedStage> stages;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    LoadedStage& stage = stages.emplace_back(loaded_stage(load, weights[i]));
    if (i == 0) stage.buffers = feature_buffers(load);
    if (!lora.empty()) stage.lora = lora[i];
    stage.dequantized = dequantized[i].total;
    stage.total = total_of(stage);
    stage.total.high += whole_towers(load, loaded, weights[i]);
  }
  return stages;
}

const LoadedStage& largest(std::span<const LoadedStage> stages) {
  return *std::ranges::max_element(stages, {}, [](const LoadedStage& stage) { return stage.total.best; });
}

}  // namespace vramcalc::vllm
