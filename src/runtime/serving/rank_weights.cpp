#include "runtime/serving/rank_weights.hpp"

#include <algorithm>
#include <array>

#include "runtime/serving/sharding.hpp"
#include "runtime/serving/torch_allocator.hpp"

namespace vramcalc::serving {
namespace {

// Where the parts outside the layers go. A tied embedding is the head too, so the last stage has a copy; a
// second copy of a tied head in the checkpoint is not loaded.
enum class Ends { first, last, both, none };

Ends ends_of(const CheckpointPart& part, const Architecture& architecture) {
  switch (part.kind.role) {
    case Role::embedding: return architecture.tied_embeddings ? Ends::both : Ends::first;
    case Role::output: return architecture.tied_embeddings ? Ends::none : Ends::last;
    case Role::pooler:
    case Role::output_norm:
    case Role::output_hc_fn:
    case Role::output_hc_base:
    case Role::output_hc_scale:
    case Role::output_residual_score:
    case Role::output_residual_norm:
    case Role::altup_unembed_projection: return Ends::last;
    default: return part.kind.role == architecture.final_norm_role ? Ends::last : Ends::first;
  }
}

// Prediction layers use the trunk's embedding and head, except that the last of several stages has no
// embedding to share.
bool is_shared_with_trunk(Role role, std::size_t stages) {
  return role == Role::nextn_head || (role == Role::nextn_embedding && stages == 1);
}

// Linear layers that engines merge into one tensor (QKVParallelLinear, MergedColumnParallelLinear, FusedMoE).
enum class Merged : std::uint8_t { none, qkv, gate_up, experts_in, shared_gate_up, latent_in, delta_in };

Merged merged_of(Role role) {
  switch (role) {
    case Role::q:
    case Role::k:
    case Role::v: return Merged::qkv;
    case Role::gate:
    case Role::up: return Merged::gate_up;
    case Role::expert_gate:
    case Role::expert_up: return Merged::experts_in;
    case Role::shared_gate:
    case Role::shared_up: return Merged::shared_gate_up;
    case Role::q_a:
    case Role::kv_a: return Merged::latent_in;
    case Role::qkv:
    case Role::attn_gate: return Merged::delta_in;
    default: return Merged::none;
  }
}
constexpr std::size_t merged_kinds = 7;

// The values of a quantized part are a tensor, and their scales are others.
Bytes of_values(const CheckpointPart& part, Bytes on_rank) {
  if (!part.packed || part.bytes == Bytes()) return on_rank;
  const std::uint64_t bits = part.bytes.count() / std::max<std::uint64_t>(1, part.elements / 8);
  const std::uint64_t of_value = bits >= 8 ? 8 : bits >= 4 ? 4 : bits;
  return Share{checked_multiply(part.elements, of_value) / 8, part.bytes.count()}.of(on_rank);
}

// The tensors of one layer, for what the allocator adds to them.
class LayerTensors {
 public:
  // Returns what the layer before this one's was rounded by, if another begins.
  Bytes add(std::int32_t layer, Role role, Bytes tensor) {
    Bytes rounding = layer == layer_ ? Bytes() : finish();
    layer_ = layer;
    const auto merged = static_cast<std::size_t>(merged_of(role));
    if (merged == 0)
      rounding += allocated_by_torch(tensor) - tensor;
    else
      merged_[merged] += tensor;
    return rounding;
  }

  Bytes finish() {
    Bytes rounding;
    for (Bytes& tensor : merged_) {
      rounding += allocated_by_torch(tensor) - tensor;
      tensor = {};
    }
    return rounding;
  }

 private:
  std::int32_t layer_ = -1;
  std::array<Bytes, merged_kinds> merged_;
};

class Stages {
 public:
  Stages(const Architecture& architecture, const Parallel& parallel, const LoadedParts& loaded)
      : architecture_(architecture), parallel_(parallel), loaded_(loaded) {
    const std::vector<std::uint32_t> counts = layers_of_stages(trunk_layers(architecture), parallel.pipeline);
    for (const std::uint32_t count : counts) {
      stages_.push_back({.layers = count});
      stage_of_layer_.insert(stage_of_layer_.end(), count, stages_.size() - 1);
    }
  }

  void add(const CheckpointPart& part) {
    if (part.tower) return add_tower(part);
    if (part.prediction) return add_prediction(part);
    if (part.layer >= 0) return add_to(stage_of(part.layer), part);
    const Ends ends = ends_of(part, architecture_);
    if (ends == Ends::none) return;
    if (ends != Ends::last) add_to(0, part);
    if (ends == Ends::last || (ends == Ends::both && stages_.size() > 1)) add_to(stages_.size() - 1, part);
  }

  std::vector<StageWeights> take() {
    stages_[stage_of_tensors_].rounding += tensors_.finish();
    return std::move(stages_);
  }

 private:
  std::size_t stage_of(std::int32_t layer) const {
    const auto index = static_cast<std::size_t>(layer);
    return index < stage_of_layer_.size() ? stage_of_layer_[index] : stages_.size() - 1;
  }

  const Block* block_of(std::int32_t layer) const {
    const auto index = static_cast<std::size_t>(layer);
    return layer >= 0 && index < architecture_.blocks.size() ? &architecture_.blocks[index] : nullptr;
  }

  void add_to(std::size_t stage, const CheckpointPart& part) {
    const Block* block = block_of(part.layer);
    const Bytes bytes = share_of(part.kind, block, architecture_, parallel_).of(part.bytes);
    stages_[stage].total += bytes;
    if (sharding_of(part.kind.role, NoAttention{}) == Sharding::experts) stages_[stage].experts += bytes;
    stages_[stage_of_tensors_].rounding += tensors_.add(part.layer, part.kind.role, of_values(part, bytes));
    stage_of_tensors_ = stage;
  }

  void add_tower(const CheckpointPart& part) {
    if (!loaded_.towers) return;
    const Share share{1, loaded_.whole_towers ? 1 : parallel_.tensor};
    stages_.front().towers += share.of(part.bytes);
    stages_.front().total += share.of(part.bytes);
  }

  void add_prediction(const CheckpointPart& part) {
    if (!loaded_.prediction_layers || is_shared_with_trunk(part.kind.role, stages_.size())) return;
    add_to(stages_.size() - 1, part);
  }

  const Architecture& architecture_;
  const Parallel& parallel_;
  const LoadedParts& loaded_;
  std::vector<StageWeights> stages_;
  std::vector<std::size_t> stage_of_layer_;
  LayerTensors tensors_;
  std::size_t stage_of_tensors_ = 0;  // of the last layer in `tensors_`
};

}  // namespace

std::uint32_t trunk_layers(const Architecture& architecture) {
  const auto layers = static_cast<std::uint32_t>(architecture.blocks.size());
  const auto prediction = static_cast<std::uint32_t>(
      std::ranges::count_if(architecture.blocks, [](const Block& block) { return block.mtp; }));
  return layers - prediction;
}

std::vector<std::uint32_t> layers_of_stages(std::uint32_t layers, std::uint32_t stages) {
  std::vector<std::uint32_t> counts(stages, layers / stages);
  for (std::uint32_t i = 0; i < layers % stages; ++i) ++counts[stages - 2 - i];
  return counts;
}

std::vector<StageWeights> rank_weights(std::span<const CheckpointPart> parts,
                                       const Architecture& architecture, const Parallel& parallel,
                                       const LoadedParts& loaded) {
  Stages stages(architecture, parallel, loaded);
  for (const CheckpointPart& part : parts) stages.add(part);
  return stages.take();
}

const StageWeights& largest(std::span<const StageWeights> stages) {
  return *std::ranges::max_element(stages, {}, &StageWeights::total);
}

}  // namespace vramcalc::serving
