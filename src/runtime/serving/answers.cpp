#include <fmt/format.h>

#include <algorithm>

#include "runtime/serving/session.hpp"

// What operators ask about a start: how much it serves, what its limits are, and what each flag would change.
namespace vramcalc::serving {
namespace {

std::uint64_t tokens_of(const Engine& engine) {
  return engine.cache->tokens(engine.available(&Amount::best));
}

Answer cache_line(const Engine& engine) {
  const std::uint64_t tokens = tokens_of(engine);
  const std::uint64_t low = engine.cache->tokens(engine.available(&Amount::low));
  const std::uint64_t high = engine.cache->tokens(engine.available(&Amount::high));
  std::string text = fmt::format("KV cache of {} tokens", grouped(tokens));
  if (low != high) text += fmt::format(" ({} to {})", grouped(low), grouped(high));
  if (const std::uint64_t size = engine.cache->block_size(); size > 1)
    text += fmt::format(", {} blocks of {}", grouped(engine.cache->blocks(engine.available(&Amount::best))),
                        size);
  if (engine.parallel.data > 1) text += fmt::format(", for each of {} copies", engine.parallel.data);
  return {"kv_cache_tokens", std::move(text), tokens};
}

Answer at_full_length(const Engine& engine, const Demand& demand) {
  const double concurrency = engine.cache->concurrency(engine.available(&Amount::best), demand.tokens);
  return {"concurrency_at_full_length",
          fmt::format("{:.2f} requests of {} tokens at once", concurrency, grouped(demand.tokens)),
          concurrency};
}

Answer at_length(const Engine& engine, const Demand& demand) {
  const std::uint64_t tokens = demand.tokens_per_request;
  const std::uint64_t room = engine.cache->requests(engine.available(&Amount::best), tokens);
  const std::uint64_t served = std::min(room, engine.most_requests);
  std::string text = fmt::format("{} {} of {} tokens at once", grouped(served),
                                 served == 1 ? "request" : "requests", grouped(tokens));
  if (served < room) text += fmt::format(", although the cache has room for {}", grouped(room));
  if (served < demand.requests)
    text += fmt::format(", fewer than the {} asked for", grouped(demand.requests));
  return {"requests_of_that_length", std::move(text), served};
}

Answer longest_request(const Engine& engine, std::uint64_t full, std::string_view flag) {
  const std::uint64_t longest = engine.cache->longest(engine.available(&Amount::best), full);
  const std::uint64_t surely = engine.cache->longest(engine.available(&Amount::low), full);
  std::string text = fmt::format("largest {}: {}", flag, grouped(longest));
  if (longest == full) text += ", the model's own";
  if (surely < longest) text += fmt::format(" ({} at the low end)", grouped(surely));
  return {"largest_max_model_len", std::move(text), longest};
}

// "with --kv-cache-dtype fp8: 841,728 tokens of cache (+100.0 %)"
std::optional<Answer> effect_of(std::string_view key, const std::string& flag, const Engine& with,
                                std::uint64_t before) {
  const std::uint64_t tokens = tokens_of(with);
  const std::uint64_t change = tokens > before ? tokens - before : before - tokens;
  if (change == 0 || change < before / 2000 || !with.refusal.empty()) return std::nullopt;
  std::string text = fmt::format("with {}: {} tokens of cache", flag, grouped(tokens));
  if (before > 0)
    text +=
        fmt::format(" ({:+.1f} %)", 100.0 * (static_cast<double>(tokens) / static_cast<double>(before) - 1));
  return Answer{key, std::move(text), tokens};
}

}  // namespace

std::vector<Answer> Session::answers(const Quantization& quantization, const Load& load,
                                     const Machine& machine) {
  const Demand& demand = load.demand;
  const auto engine = engine_on(quantization, demand.tokens, machine, options());
  if (!engine || !engine->refusal.empty()) return {};
  std::vector<Answer> answers = {cache_line(*engine), at_full_length(*engine, demand)};
  if (demand.tokens_per_request > 0) answers.push_back(at_length(*engine, demand));
  answers.push_back(longest_request(*engine, model().architecture.context_length, length_flag()));
  if (auto share = smallest_share(*engine, demand)) answers.push_back(*std::move(share));
  for (const Change& change : changes(demand.tokens, gpus_of(machine))) {
    const auto with = engine_on(quantization, demand.tokens, machine, change.options);
    if (auto effect = effect_of(change.key, change.flag, *with, tokens_of(*engine)))
      answers.push_back(*std::move(effect));
  }
  return answers;
}

}  // namespace vramcalc::serving
