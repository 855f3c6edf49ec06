#include "runtime/serving/vllm/lora.hpp"

#include "model/append_model.hpp"
#include "runtime/serving/rank_weights.hpp"
#include "runtime/serving/sharding.hpp"
#include "runtime/serving/vllm/linear_layers.hpp"

namespace vramcalc::vllm {
namespace {

using serving::Sharding;
using serving::Share;

// The release that gave mixtures of experts adapters of their own.
constexpr Release adapts_experts{0, 11, 2};

bool is_adapted(const Tensor& tensor, const Release& release) {
  const bool experts = serving::sharding_of(tensor.kind.role, GroupedQueryAttention{}) == Sharding::experts;
  return tensor.layer >= 0 && tensor.loaded && tensor.kind.component == Component::weight &&
         is_linear_layer(tensor.kind.role) && (!experts || release >= adapts_experts);
}

// Per adapter and rank of the adapter: the values that a layer adds. The matrix on the side that is split is
// split with it.
std::uint64_t values(const Tensor& tensor, const Block& block, const Architecture& architecture,
                     const serving::Parallel& parallel) {
  const Share share = serving::share_of(tensor.kind, &block, architecture, parallel);
  const Sharding sharding = serving::sharding_of(tensor.kind.role, block.attention);
  const std::uint64_t in = tensor.shape[0], out = tensor.shape[1], experts = tensor.shape[2];
  const auto split = [&](std::uint64_t whole) { return share.of(Bytes(whole)).count(); };
  switch (sharding) {
    case Sharding::rows: return checked_add(split(in), out);
    case Sharding::experts: return split(checked_multiply(checked_add(in, out), experts));
    default: return checked_add(in, split(out));
  }
}

}  // namespace

std::vector<Bytes> lora_slots(const Architecture& architecture, const Settings& settings,
                              const Options& options) {
  if (!options.enable_lora) return {};
  constexpr std::uint64_t bytes_per_value = 2;
  const std::uint64_t per_value =
      checked_multiply(bytes_per_value, checked_multiply(options.max_loras, options.max_lora_rank));
  const auto layers =
      serving::layers_of_stages(serving::trunk_layers(architecture), settings.parallel.pipeline);
  std::vector<std::size_t> stage_of_layer;
  for (std::size_t stage = 0; stage < layers.size(); ++stage)
    stage_of_layer.insert(stage_of_layer.end(), layers[stage], stage);

  std::vector<Bytes> slots(layers.size());
  for (const Tensor& tensor : checkpoint_tensors(architecture)) {
    const auto layer = static_cast<std::size_t>(tensor.layer);
    if (!is_adapted(tensor, settings.release) || layer >= stage_of_layer.size()) continue;
    slots[stage_of_layer[layer]] +=
        Bytes(values(tensor, architecture.blocks[layer], architecture, settings.parallel)) * per_value;
  }
  return slots;
}

}  // namespace vramcalc::vllm
