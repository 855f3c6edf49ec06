#include "runtime/serving/rank_weights.hpp"

#include <algorithm>

#include "runtime/serving/sharding.hpp"

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

  std::vector<StageWeights> take() { return std::move(stages_); }

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
