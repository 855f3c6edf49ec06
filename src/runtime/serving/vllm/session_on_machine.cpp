#include <fmt/format.h>

#include <algorithm>

#include "runtime/serving/vllm/session.hpp"

namespace vramcalc::vllm {
namespace {

// All ranks are alike; the smallest GPU decides.
TargetDevice smallest_device(const Machine& machine) {
  if (machine.devices.empty()) return machine.device;
  const auto total = [](const Device& device) { return device.target.total; };
  return std::ranges::min_element(machine.devices, {}, total)->target;
}

std::uint32_t gpus_of(const Machine& machine) {
  return machine.devices.empty() ? machine.device.count : static_cast<std::uint32_t>(machine.devices.size());
}

std::uint32_t ranks_of(const Options& options) {
  return options.tensor_parallel_size.value_or(1) * options.pipeline_parallel_size *
         options.data_parallel_size;
}

}  // namespace

std::optional<Engine> Session::engine_on(const Quantization& quantization, std::uint64_t length,
                                         const Machine& machine, const Options& options) {
  const TargetDevice device = smallest_device(machine);
  Options split = options;
  split.tensor_parallel_size = tensor_parallel(length, device, gpus_of(machine));
  if (ranks_of(split) > gpus_of(machine)) return std::nullopt;
  return engine(quantization, length, device, split);
}

Load Session::load(const Quantization& quantization, const Demand& demand, const Machine& machine,
                   const Placement& asked) {
  const auto engine = engine_on(quantization, demand.tokens, machine, options_);
  if (!engine)
    throw Error(ErrorCode::bad_value,
                fmt::format("-tp {} × -pp {} × -dp {} are {} GPUs, and {} has {}",
                            options_.tensor_parallel_size.value_or(1), options_.pipeline_parallel_size,
                            options_.data_parallel_size, ranks_of(options_), machine.name, gpus_of(machine)));
  Load load{demand, asked, asked, estimate_of(*engine, quantization, demand, Reasons::none)};
  load.verdict = verdict_of(*engine, demand);
  load.fits = *load.verdict <= Verdict::fits;
  load.caveat = engine->refusal;
  return load;
}

Verdict Session::verdict(const Quantization& quantization, const Demand& demand, const Machine& machine) {
  const auto engine = engine_on(quantization, demand.tokens, machine, options_);
  return engine ? verdict_of(*engine, demand) : Verdict::no;
}

Verdict Session::verdict_on_pool(const Quantization& quantization, const Demand& demand,
                                 const TargetDevice& device, Bytes, Bytes) {
  Machine machine;
  machine.device = device;
  return verdict(quantization, demand, machine);
}

bool Session::fits(const Quantization& quantization, const Demand& demand, const Machine& machine,
                   const Placement&) {
  return verdict(quantization, demand, machine) <= Verdict::fits;
}

std::optional<std::uint64_t> Session::longest_context(const Quantization& quantization,
                                                      const Machine& machine, const Placement&,
                                                      std::uint64_t) {
  const std::uint64_t full = architecture().context_length;
  const auto engine = engine_on(quantization, full, machine, options_);
  if (!engine || !engine->refusal.empty()) return std::nullopt;
  const std::uint64_t longest = engine->cache.longest(engine->available(&Amount::low), full);
  return longest == 0 ? std::nullopt : std::optional(longest);
}

std::uint32_t Session::most_sequences(const Quantization& quantization, std::uint64_t tokens,
                                      const Machine& machine, const Placement&) {
  const auto engine = engine_on(quantization, tokens, machine, options_);
  if (!engine || !engine->refusal.empty()) return 0;
  const std::uint64_t blocks = engine->cache.blocks(engine->available(&Amount::low));
  return static_cast<std::uint32_t>(
      std::min<std::uint64_t>(engine->cache.sequences_of(blocks, tokens), engine->settings.max_num_seqs));
}

void Session::give_reasons(const Quantization& quantization, Load& load, const Machine& machine) {
  const auto engine = engine_on(quantization, load.demand.tokens, machine, options_);
  if (engine) load.estimate = estimate_of(*engine, quantization, load.demand, Reasons::full);
}

Capacity Session::capacity(const Quantization& quantization, const Load& load, const Machine& machine) {
  if (gpus_of(machine) == 0 || smallest_device(machine).total == Bytes())
    return vramcalc::Session::capacity(quantization, load, machine);
  const auto engine = engine_on(quantization, load.demand.tokens, machine, options_);
  if (!engine) return {};
  const KvCache& cache = engine->cache;
  const auto blocks_at = [&](Bytes Amount::*bound) { return cache.blocks(engine->available(bound)); };
  Capacity capacity;
  capacity.available_kv = std::ranges::min(engine->budgets, {}, [](const Budget& budget) {
                            return budget.available_kv.best;
                          }).available_kv;
  capacity.blocks = blocks_at(&Amount::best);
  capacity.block_size = cache.block_size();
  capacity.kv_cache_tokens = cache.printed_tokens_of(capacity.blocks);
  capacity.kv_cache_tokens_low = cache.printed_tokens_of(blocks_at(&Amount::low));
  capacity.kv_cache_tokens_high = cache.printed_tokens_of(blocks_at(&Amount::high));
  capacity.max_concurrency = cache.max_concurrency_of(capacity.blocks, load.demand.tokens);
  capacity.max_model_len = cache.longest(engine->available(&Amount::best), architecture().context_length);
  capacity.kv_bytes_per_token = cache.bytes_per_token;
  return capacity;
}

}  // namespace vramcalc::vllm
