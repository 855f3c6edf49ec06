#include "runtime/serving/sglang/loaded_weights.hpp"

#include <algorithm>
#include <vector>

#include "runtime/serving/rank_weights.hpp"
#include "runtime/serving/rotary.hpp"
#include "runtime/serving/sglang/release.hpp"

namespace vramcalc::sglang {
namespace {

using serving::Parallel;

// How DP attention splits the parts of a model: attention among the ranks of one copy, the embedding not at
// all, and everything else among all ranks (srt/layers/vocab_parallel_embedding.py,
// srt/layers/dp_attention.py).
enum class Group { attention, embedding, rest };

Group group_of(const CheckpointPart& part) {
  const Role role = part.kind.role;
  if (part.tower) return Group::rest;
  if (role >= Role::q && role <= Role::shortconv_out) return Group::attention;
  return role == Role::embedding ? Group::embedding : Group::rest;
}

Parallel parallel_of(Group group, const Settings& settings) {
  Parallel parallel = settings.parallel;
  parallel.data = 1;
  if (settings.parallel.data == 1) return parallel;
  if (group == Group::embedding) parallel.tensor = 1;
  if (group == Group::rest) parallel.tensor = tp_size(settings);
  return parallel;
}

using Stages = std::vector<serving::StageWeights>;

void add(Stages& sum, const Stages& more) {
  sum.resize(std::max(sum.size(), more.size()));
  for (std::size_t stage = 0; stage < more.size(); ++stage) {
    sum[stage].total += more[stage].total;
    sum[stage].towers += more[stage].towers;
  }
}

// Without DP attention all groups are split alike.
Stages stages_of(std::span<const CheckpointPart> parts, const Architecture& architecture,
                 const Settings& settings, const serving::LoadedParts& loaded) {
  if (settings.parallel.data == 1)
    return serving::rank_weights(parts, architecture, parallel_of(Group::rest, settings), loaded);
  Stages sum;
  for (const Group group : {Group::attention, Group::embedding, Group::rest}) {
    std::vector<CheckpointPart> members;
    std::ranges::copy_if(parts, std::back_inserter(members),
                         [&](const CheckpointPart& part) { return group_of(part) == group; });
    add(sum, serving::rank_weights(members, architecture, parallel_of(group, settings), loaded));
  }
  return sum;
}

// Tables of rotary embeddings have 32 bits per value (srt/layers/rotary_embedding/base.py), and those of
// multimodal rope have no more positions. Up to 1 % and 64 MiB are workspaces of kernels.
Amount with_tables(const serving::StageWeights& stage, const Architecture& architecture,
                   const Settings& settings) {
  const Bytes sum = stage.total + Bytes(serving::rotary_values(architecture)) * sizeof(float);
  const Bytes hundredth(sum.count() / 100);
  const Bytes whole_towers = stage.towers * (tp_size(settings) - 1);
  return {least_of(sum), sum, sum + hundredth + Bytes(64 * MiB) + whole_towers};
}

// A draft worker loads an embedding and a head of its own, which it drops after the memory was measured.
Bytes vocabulary_bytes(std::span<const CheckpointPart> parts, const Settings& settings) {
  Bytes sum;
  for (const CheckpointPart& part : parts)
    if (part.layer < 0 && (part.kind.role == Role::embedding || part.kind.role == Role::output))
      sum += part.bytes;
  return Bytes(sum.count() / tp_size(settings));
}

}  // namespace

Bytes least_of(Bytes loaded) { return loaded - Bytes(loaded.count() / 200); }

LoadedWeights loaded_weights(std::span<const CheckpointPart> parts, const Architecture& architecture,
                             const Settings& settings, const Amount& draft_model) {
  LoadedWeights weights;
  const Stages target = stages_of(parts, architecture, settings, {});
  weights.target = with_tables(serving::largest(target), architecture, settings);
  weights.drafts = draft_model;
  if (settings.drafts.method != serving::Drafts::Method::mtp) return weights;
  const Stages both = stages_of(parts, architecture, settings, {.prediction_layers = true});
  const Bytes predictions = both.back().total - std::min(both.back().total, target.back().total);
  weights.drafts += {predictions, predictions, predictions + vocabulary_bytes(parts, settings)};
  return weights;
}

Amount in_fraction(const LoadedWeights& weights, const Settings& settings) {
  return settings.release >= since::drafts_in_fraction ? weights.target + weights.drafts : weights.target;
}

}  // namespace vramcalc::sglang
