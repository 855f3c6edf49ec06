#include "runtime/serving/vllm/loaded_weights.hpp"

#include <algorithm>

#include "runtime/serving/rank_weights.hpp"
#include "runtime/serving/rotary.hpp"
#include "runtime/serving/vllm/expert_padding.hpp"
#include "runtime/serving/vllm/lora.hpp"
#include "runtime/serving/vllm/online_quantization.hpp"

namespace vramcalc::vllm {
namespace {

// The table of multimodal rope has four times the positions, for long videos (MRotaryEmbedding).
constexpr std::uint64_t positions_of_videos = 4;

bool is_indexer(Role role) { return role >= Role::indexer_q_b && role <= Role::indexer_compressor_norm; }

constexpr std::uint64_t sixteen_bits = 2;

// Of the unquantized ones, only the correction of a router and the parameters of a recurrence keep 32 bits.
bool is_cast_to_16_bits(const CheckpointPart& part) {
  const Component component = part.kind.component;
  return !part.packed && part.kind.role != Role::router_correction &&
         (component == Component::weight || component == Component::bias);
}

// The indexer is dequantized to BF16, values of 32 bits are cast to 16, and --quantization packs layers while
// they are loaded.
CheckpointPart as_loaded(CheckpointPart part, const Options& options) {
  if (is_cast_to_16_bits(part)) part.bytes = std::min(part.bytes, Bytes(part.elements) * sixteen_bits);
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
  return weigh(parts_as_loaded(load.parts, load.options));
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
  return {least_of(least), sum, sum + Bytes(sum.count() / 100 + 64 * MiB)};
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

std::vector<CheckpointPart> parts_as_loaded(std::span<const CheckpointPart> parts, const Options& options) {
  std::vector<CheckpointPart> loaded(parts.begin(), parts.end());
  for (CheckpointPart& part : loaded) part = as_loaded(part, options);
  return loaded;
}

Bytes least_of(Bytes loaded) { return loaded - Bytes(loaded.count() / 500); }

Bytes rope_tables(const Architecture& architecture) {
  const std::uint64_t copies = architecture.graph.position_components > 1 ? positions_of_videos : 1;
  return Bytes(serving::rotary_values(architecture)) * (copies * sixteen_bits);
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
