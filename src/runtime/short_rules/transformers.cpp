#include "runtime/short_rules/layer_cache.hpp"
#include "runtime/short_rules/rule.hpp"
#include "runtime/short_rules/session.hpp"
#include "runtime/short_rules/short_rules.hpp"

namespace vramcalc::transformers {
namespace {

using namespace short_rules;

// DynamicCache appends by concatenation, so one layer exists twice for a moment; window layers keep the
// window less one token (DynamicSlidingWindowLayer). MLA is cached as K and V of every head.
Amount kv_cache(const Architecture& architecture, std::uint64_t tokens, const TargetDevice&) {
  const LayerCaches caches = layer_caches(architecture, tokens, {.latent = false, .window_less = 1});
  return {caches.all + caches.states_in_16_bits, caches.all + caches.states,
          caches.all + caches.states + caches.largest};
}

// The whole prompt is one forward pass, with logits for its last position only.
Amount activations(const Architecture& architecture, std::uint64_t tokens, const TargetDevice&) {
  return within(forward_pass(architecture, tokens) + logits(architecture) * 3, 40, 250);
}

// The CUDA context and cuBLAS on every GPU. accelerate fills nine tenths of a single GPU with weights
// (get_max_memory), which matters where cache and activations need less than the tenth.
Amount overhead(const ShortRule::Costs& costs, const TargetDevice& device) {
  const Amount context{Bytes(300 * MiB), Bytes(550 * MiB), Bytes(1000 * MiB)};
  const auto kept = [&](Bytes weights, Bytes used) {
    const Bytes tenth(device.count == 1 ? weights.count() / 9 : 0);
    return tenth > used ? tenth - used : Bytes(0);
  };
  const std::uint64_t gpus = device.count;
  const Amount contexts{context.low * gpus, context.best * gpus, context.high * gpus};
  return contexts +
         Amount{kept(costs.weights.low, costs.kv_cache.low + costs.activations.low + contexts.low),
                kept(costs.weights.best, costs.kv_cache.best + costs.activations.best + contexts.best),
                kept(costs.weights.high, costs.kv_cache.high + costs.activations.high + contexts.high)};
}

constexpr ShortRule rule{kv_cache,
                         activations,
                         overhead,
                         "DynamicCache in 16 bits, which doubles one layer while it grows",
                         "the prompt in one forward pass, and the logits of its last token",
                         "CUDA context and cuBLAS, and what is left of the tenth of a single GPU that "
                         "device_map=\"auto\" keeps free"};

}  // namespace

Runtime runtime() {
  Runtime row;
  row.id = "transformers";
  row.title = "Hugging Face transformers with accelerate (a short rule)";
  row.version = "5";
  row.rounds_to = MiB;
  row.can = {.loads_checkpoints = true};
  row.open = [](const Runtime& runtime, const Opening& opening) -> std::unique_ptr<Session> {
    return std::make_unique<RuleSession>(runtime, opening, rule);
  };
  return row;
}

}  // namespace vramcalc::transformers
