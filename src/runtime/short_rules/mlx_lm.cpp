#include <fmt/format.h>

#include <array>

#include "runtime/short_rules/layer_cache.hpp"
#include "runtime/short_rules/rule.hpp"
#include "runtime/short_rules/session.hpp"
#include "runtime/short_rules/short_rules.hpp"

namespace vramcalc::mlx_lm {
namespace {

using namespace short_rules;

constexpr std::uint64_t cache_step = 256;     // KVCache.step
constexpr std::uint64_t prefill_step = 2048;  // --prefill-step-size

// KVCache grows in steps of 256 tokens, and copies a layer when it does; window layers have a
// RotatingKVCache, which a prompt's chunk enlarges for a moment.
Amount kv_cache(const Architecture& architecture, std::uint64_t tokens, const TargetDevice&) {
  const LayerCaches caches = layer_caches(architecture, tokens, {.step = cache_step});
  const Bytes chunks = std::min(caches.windows_in_full, layer_caches(architecture, prefill_step, {}).all);
  return {caches.all + caches.states_in_16_bits, caches.all + caches.states,
          caches.all + caches.states + caches.largest + chunks};
}

Amount activations(const Architecture& architecture, std::uint64_t tokens, const TargetDevice&) {
  return within(forward_pass(architecture, std::min(tokens, prefill_step)) + logits(architecture) * 3, 40,
                300);
}

Amount overhead(const ShortRule::Costs&, const TargetDevice&) {
  return {Bytes(50 * MiB), Bytes(200 * MiB), Bytes(600 * MiB)};
}

constexpr std::array apple_silicon = {Backend::metal};

constexpr ShortRule rule{kv_cache,
                         activations,
                         overhead,
                         "a cache in 16 bits that grows in steps of 256 tokens, one layer at a time",
                         "a prompt in chunks of 2048 tokens, and the logits of its last token",
                         "buffers that MLX keeps for reuse",
                         apple_silicon,
                         "Apple silicon"};

class MlxSession final : public RuleSession {
 public:
  using RuleSession::RuleSession;

  // The usable memory of a Mac is what Metal recommends to wire, and wiring more can be allowed.
  std::vector<std::string> ways_to_fit(const Quantization& quantization, const Load& load,
                                       const Machine& machine) override {
    if (machine.device.backend != Backend::metal)
      return RuleSession::ways_to_fit(quantization, load, machine);
    const Bytes needed = load.estimate.gpu_total().high;
    if (needed <= machine.usable || needed >= machine.memory) return {};
    return {
        fmt::format("raise the limit of wired memory, which leaves {} MiB to the system: sudo sysctl "
                    "iogpu.wired_limit_mb={}",
                    (machine.memory - needed).count() / MiB, round_up(needed.count(), MiB) / MiB)};
  }
};

}  // namespace

Runtime runtime() {
  Runtime row;
  row.id = "mlx-lm";
  row.title = "MLX-LM on Apple silicon (a short rule)";
  row.version = "2026-08";
  row.rounds_to = MiB;
  row.can = {.loads_checkpoints = true, .uses_host_memory = false};
  row.context_step = cache_step;
  row.open = [](const Runtime& runtime, const Opening& opening) -> std::unique_ptr<Session> {
    return std::make_unique<MlxSession>(runtime, opening, rule);
  };
  return row;
}

}  // namespace vramcalc::mlx_lm
