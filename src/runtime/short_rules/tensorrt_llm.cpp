#include <array>

#include "runtime/short_rules/layer_cache.hpp"
#include "runtime/short_rules/rule.hpp"
#include "runtime/short_rules/session.hpp"
#include "runtime/short_rules/short_rules.hpp"

namespace vramcalc::tensorrt_llm {
namespace {

using namespace short_rules;

constexpr std::uint64_t tokens_per_block = 32;
constexpr std::uint64_t max_num_tokens = 8192;
constexpr std::uint64_t sampled_requests = 256;  // max_batch_size is 256 to 2048

// A pool of blocks per window and number of heads. Tensor parallelism copies MLA's latent rows.
Amount kv_cache(const Architecture& architecture, std::uint64_t tokens, const TargetDevice& device) {
  const LayerCaches caches =
      layer_caches(architecture, tokens, {.step = tokens_per_block, .copies = device.count});
  const Bytes best = caches.all + caches.states;
  return {caches.all + caches.states_in_16_bits, best, best + caches.windows_in_full};
}

// A dry run with max_num_tokens, split among the GPUs.
Amount activations(const Architecture& architecture, std::uint64_t, const TargetDevice& device) {
  const Bytes forward = forward_pass(architecture, max_num_tokens);
  return within(forward + logits(architecture) * (3 * sampled_requests) * device.count, 40, 300);
}

// The cache gets nine tenths of what is free after weights and activations
// (kv_cache_config.free_gpu_memory_fraction): a ninth of it stays free. One start logged 1.3 GiB of buffers.
Amount overhead(const ShortRule::Costs& costs, const TargetDevice& device) {
  const std::uint64_t gpus = device.count;
  const Amount buffers{Bytes(600 * MiB * gpus), Bytes(1400 * MiB * gpus), Bytes(2500 * MiB * gpus)};
  return buffers + Amount{Bytes(costs.kv_cache.low.count() / 9), Bytes(costs.kv_cache.best.count() / 9),
                          Bytes(costs.kv_cache.high.count() / 9)};
}

constexpr std::array nvidia = {Backend::cuda};

constexpr ShortRule rule{
    kv_cache,
    activations,
    overhead,
    "blocks of 32 tokens in 16 bits, a pool for each window",
    "a dry run with 8192 tokens, and the sampling of a batch",
    "CUDA context, NCCL and execution buffers, and a ninth of the cache, since it takes nine "
    "tenths of what is free",
    nvidia,
    "NVIDIA GPUs"};

class TensorRtSession final : public RuleSession {
 public:
  using RuleSession::RuleSession;

  // The cache fills nine tenths of what weights, activations and buffers leave, in whole blocks.
  Capacity capacity(const Quantization& quantization, const Load& load, const Machine& machine) override {
    Capacity capacity = Session::capacity(quantization, load, machine);
    const Amount cache = load.estimate.gpu_term(TermKind::kv_cache), total = load.estimate.gpu_total();
    const auto filled = [&](Bytes other, Bytes kept_free) {
      const Bytes taken = other - std::min(other, kept_free);
      const Bytes free = machine.usable > taken ? machine.usable - taken : Bytes(0);
      return Bytes(free.count() / 10 * 9);
    };
    const auto without_cache = [](Bytes all, Bytes cached) { return all - std::min(all, cached); };
    capacity.available_kv = {filled(without_cache(total.high, cache.high), Bytes(cache.high.count() / 9)),
                             filled(without_cache(total.best, cache.best), Bytes(cache.best.count() / 9)),
                             filled(without_cache(total.low, cache.low), Bytes(cache.low.count() / 9))};
    const auto tokens = [&](Bytes bytes) {
      const std::uint64_t each = kv_bytes_per_token().count();
      return each == 0 ? load.demand.tokens : bytes.count() / each / tokens_per_block * tokens_per_block;
    };
    capacity.kv_cache_tokens = tokens(capacity.available_kv.best);
    capacity.kv_cache_tokens_low = tokens(capacity.available_kv.low);
    capacity.kv_cache_tokens_high = tokens(capacity.available_kv.high);
    capacity.block_size = tokens_per_block;
    capacity.blocks = capacity.kv_cache_tokens / tokens_per_block;
    capacity.max_model_len =
        std::min<std::uint64_t>(capacity.kv_cache_tokens, model().architecture.context_length);
    capacity.max_concurrency = load.demand.tokens == 0 ? 0
                                                       : static_cast<double>(capacity.kv_cache_tokens) /
                                                             static_cast<double>(load.demand.tokens);
    return capacity;
  }
};

}  // namespace

Runtime runtime() {
  Runtime row;
  row.id = "tensorrt-llm";
  row.title = "TensorRT-LLM's PyTorch backend (a short rule)";
  row.version = "2026";
  row.rounds_to = MiB;
  row.can = {.loads_checkpoints = true, .uses_host_memory = false};
  row.context_step = tokens_per_block;
  row.open = [](const Runtime& runtime, const Opening& opening) -> std::unique_ptr<Session> {
    return std::make_unique<TensorRtSession>(runtime, opening, rule);
  };
  return row;
}

}  // namespace vramcalc::tensorrt_llm
