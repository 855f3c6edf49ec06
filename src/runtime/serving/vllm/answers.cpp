#include <fmt/format.h>

#include <algorithm>

#include "runtime/serving/vllm/refusals.hpp"
#include "runtime/serving/vllm/session.hpp"

// What operators ask about a start: how much it serves, what its limits are, and what each flag would change.
namespace vramcalc::vllm {
namespace {

std::uint64_t tokens_of(const Engine& engine) {
  return engine.cache.printed_tokens_of(engine.cache.blocks(engine.available(&Amount::best)));
}

Answer full_length(const Engine& engine, const Demand& demand) {
  const std::uint64_t blocks = engine.cache.blocks(engine.available(&Amount::best));
  const double concurrency = engine.cache.max_concurrency_of(blocks, demand.tokens);
  return {"concurrency_at_full_length",
          fmt::format("{:.2f} requests of {} tokens at once", concurrency, grouped(demand.tokens)),
          concurrency};
}

Answer at_length(const Engine& engine, std::uint64_t tokens) {
  const std::uint64_t blocks = engine.cache.blocks(engine.available(&Amount::best));
  const std::uint64_t requests = engine.cache.sequences_of(blocks, tokens);
  const std::uint64_t served = std::min<std::uint64_t>(requests, engine.settings.max_num_seqs);
  std::string text = fmt::format("{} requests of {} tokens at once", grouped(served), grouped(tokens));
  if (served < requests)
    text += fmt::format("; the cache has room for {}, but --max-num-seqs is {}", grouped(requests), served);
  return {"requests_of_that_length", std::move(text), served};
}

Answer longest_request(const Engine& engine, std::uint64_t full) {
  const std::uint64_t longest = engine.cache.longest(engine.available(&Amount::best), full);
  return {"largest_max_model_len",
          fmt::format("largest --max-model-len: {}{}", grouped(longest),
                      longest == full ? ", the model's own" : ""),
          longest};
}

std::optional<Answer> smallest_share(const Engine& engine, const Demand& demand) {
  double largest = 0;
  for (std::size_t stage = 0; stage < engine.budgets.size(); ++stage) {
    const auto share = smallest_utilization(engine.budgets[stage], cache_for(engine.cache, demand, stage));
    if (!share) return std::nullopt;
    largest = std::max(largest, *share);
  }
  return Answer{"smallest_gpu_memory_utilization",
                fmt::format("starts from --gpu-memory-utilization {:.2f}", largest), largest};
}

// A flag that an operator may change, and its value as it would be.
struct Change {
  std::string_view key;
  std::string flag;
  Options options;
};

bool is_16_bit(CacheType type) {
  return type == CacheType::automatic || type == CacheType::float16 || type == CacheType::bfloat16;
}

std::vector<Change> changes(const Options& options, const Settings& settings) {
  std::vector<Change> changes;
  const auto add = [&](std::string_view key, std::string flag, auto&& apply) {
    Change change{key, std::move(flag), options};
    apply(change.options);
    changes.push_back(std::move(change));
  };
  if (is_16_bit(settings.kv_cache_dtype))
    add("with_fp8_kv_cache", "--kv-cache-dtype fp8", [](Options& o) { o.kv_cache_dtype = CacheType::fp8; });
  if (!settings.enforce_eager)
    add("with_enforce_eager", "--enforce-eager", [](Options& o) { o.enforce_eager = true; });
  if (const std::uint32_t fewer = settings.max_num_seqs / 4; fewer > 0)
    add("with_fewer_sequences", fmt::format("--max-num-seqs {}", fewer),
        [=](Options& o) { o.max_num_seqs = fewer; });
  const std::uint32_t half = settings.max_num_batched_tokens / 2;
  if (half >= settings.max_num_seqs)
    add("with_smaller_batches", fmt::format("--max-num-batched-tokens {}", half),
        [=](Options& o) { o.max_num_batched_tokens = half; });
  return changes;
}

// "--kv-cache-dtype fp8: 841,728 tokens (+100.0 %)"
std::optional<Answer> answer_of(const Change& change, const Engine& with, std::uint64_t before) {
  const std::uint64_t tokens = tokens_of(with);
  if (tokens == before || !with.refusal.empty()) return std::nullopt;
  const double gain =
      before == 0 ? 0 : 100.0 * (static_cast<double>(tokens) / static_cast<double>(before) - 1);
  std::string text = fmt::format("with {}: {} tokens of cache", change.flag, grouped(tokens));
  if (before > 0) text += fmt::format(" ({:+.1f} %)", gain);
  return Answer{change.key, std::move(text), tokens};
}

std::string refusal(const Engine& engine, const Demand& demand) {
  if (!engine.refusal.empty()) return engine.refusal;
  for (std::size_t stage = 0; stage < engine.budgets.size(); ++stage) {
    const Bytes available = engine.budgets[stage].available_kv.best;
    const Bytes needed = engine.cache.needed(demand.tokens, stage);
    if (needed > available)
      return refusal_of_length(demand.tokens, needed, available,
                               engine.cache.longest(engine.available(&Amount::best), demand.tokens));
  }
  return "";
}

Answer cache_line(const Engine& engine) {
  const std::uint64_t blocks = engine.cache.blocks(engine.available(&Amount::best));
  const std::uint64_t tokens = engine.cache.printed_tokens_of(blocks);
  const std::uint64_t low =
      engine.cache.printed_tokens_of(engine.cache.blocks(engine.available(&Amount::low)));
  const std::uint64_t high =
      engine.cache.printed_tokens_of(engine.cache.blocks(engine.available(&Amount::high)));
  std::string text = fmt::format("KV cache of {} tokens", grouped(tokens));
  if (low != high) text += fmt::format(" ({} to {})", grouped(low), grouped(high));
  text += fmt::format(": {} blocks of {}", grouped(blocks), engine.cache.block_size());
  return {"kv_cache_tokens", std::move(text), tokens};
}

}  // namespace

std::vector<Answer> Session::answers(const Quantization& quantization, const Load& load,
                                     const Machine& machine) {
  const Demand& demand = load.demand;
  const auto engine = engine_on(quantization, demand.tokens, machine, options_);
  if (!engine) return {};
  std::vector<Answer> answers = {cache_line(*engine), full_length(*engine, demand)};
  if (demand.tokens_per_request > 0) answers.push_back(at_length(*engine, demand.tokens_per_request));
  answers.push_back(longest_request(*engine, architecture().context_length));
  if (auto share = smallest_share(*engine, demand)) answers.push_back(*std::move(share));
  for (const Change& change : changes(options_, engine->settings)) {
    const auto with = engine_on(quantization, demand.tokens, machine, change.options);
    if (!with) continue;
    if (auto answer = answer_of(change, *with, tokens_of(*engine))) answers.push_back(*std::move(answer));
  }
  return answers;
}

std::vector<std::string> Session::ways_to_fit(const Quantization& quantization, const Load& load,
                                              const Machine& machine) {
  const auto engine = engine_on(quantization, load.demand.tokens, machine, options_);
  if (!engine) return {};
  const std::string words = refusal(*engine, load.demand);
  if (words.empty()) return {};
  return {"vLLM would not start: " + words};
}

}  // namespace vramcalc::vllm
