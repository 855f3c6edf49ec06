#include "runtime/serving/vllm/kv_groups.hpp"

#include <algorithm>

#include "runtime/serving/pipeline.hpp"

namespace vramcalc::vllm {
namespace {

using Kind = KvSpec::Kind;

// Whether all layers need the same number of blocks, whatever their pages: one table serves them all.
bool need_equal_blocks(const std::vector<KvLayers>& buckets) {
  const KvSpec& first = buckets.front().spec;
  return std::ranges::all_of(buckets, [&](const KvLayers& each) {
    return each.spec.kind == first.kind && each.spec.window == first.window &&
           each.spec.block_size == first.block_size;
  });
}

std::uint64_t largest_page(const std::vector<KvLayers>& buckets) {
  std::uint64_t largest = 0;
  for (const KvLayers& each : buckets) largest = std::max(largest, each.spec.page);
  return largest;
}

// Smaller blocks get more tokens if the pages divide; otherwise they are padded. Returns whether an attention
// page was padded, which only some attention backends can do.
bool unify_pages(std::vector<KvLayers>& buckets) {
  const std::uint64_t page = largest_page(buckets);
  bool padded = false;
  for (KvLayers& each : buckets) {
    if (each.spec.page == page) continue;
    const bool attention = each.spec.kind != Kind::recurrent;
    if (attention && page % each.spec.page == 0) each.spec.block_size *= page / each.spec.page;
    if (attention && page % each.spec.page != 0) padded = true;
    each.spec.page = page;
  }
  return padded;
}

// The fewest layers of a kind, or the most if they are hardly more.
std::size_t group_size(const std::vector<KvLayers>& buckets) {
  std::size_t fewest = SIZE_MAX, most = 0;
  for (const KvLayers& each : buckets) {
    fewest = std::min(fewest, each.layers.size());
    most = std::max(most, each.layers.size());
  }
  return 2 * most < 3 * fewest ? most : fewest;
}

class Grouping {
 public:
  Grouping(std::uint32_t trunk_layers, std::uint32_t stages) : trunk_layers_(trunk_layers), stages_(stages) {}

  // Adds every `step`-th layer of the bucket, beginning with `first`.
  void add(KvGroup& group, const KvLayers& bucket, std::size_t first, std::size_t step) const {
    group.bytes_of_stage.resize(stages_);
    for (std::size_t i = first; i < bucket.layers.size(); i += step) {
      ++group.layers;
      group.bytes_of_stage[stage_of(bucket.layers[i])] += Bytes(bucket.spec.page);
    }
  }

 private:
  std::uint32_t stage_of(std::uint32_t layer) const {
    return stages_ == 1 ? 0 : serving::stage_of_layer(layer, trunk_layers_, stages_);
  }

  std::uint32_t trunk_layers_, stages_;
};

KvGroup empty_group(const KvSpec& spec) { return {spec.kind, spec.block_size, spec.window, 0, {}}; }

std::vector<Bytes> largest_of_stages(const std::vector<KvGroup>& groups, std::uint32_t stages) {
  std::vector<Bytes> largest(stages);
  for (const KvGroup& group : groups)
    for (std::size_t i = 0; i < stages; ++i) largest[i] = std::max(largest[i], group.bytes_of_stage[i]);
  return largest;
}

}  // namespace

KvGroups kv_groups(std::vector<KvLayers> buckets, std::uint32_t trunk_layers, std::uint32_t stages) {
  KvGroups result;
  if (buckets.empty()) return result;
  const Grouping grouping(trunk_layers, stages);
  if (need_equal_blocks(buckets)) {
    KvGroup& group = result.groups.emplace_back(empty_group(buckets.front().spec));
    for (const KvLayers& bucket : buckets) grouping.add(group, bucket, 0, 1);
  } else {
    if (unify_pages(buckets))
      result.doubt = {0.9, 1.1, "pages of different sizes are padded by some attention backends only"};
    const std::size_t size = group_size(buckets);
    for (const KvLayers& bucket : buckets) {
      const std::size_t groups = (bucket.layers.size() + size - 1) / size;
      for (std::size_t i = 0; i < groups; ++i)
        grouping.add(result.groups.emplace_back(empty_group(bucket.spec)), bucket, i, groups);
    }
  }
  result.bytes_per_block = largest_of_stages(result.groups, stages);
  return result;
}

}  // namespace vramcalc::vllm
