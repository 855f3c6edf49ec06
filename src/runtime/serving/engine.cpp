#include "runtime/serving/engine.hpp"

#include <algorithm>

namespace vramcalc::serving {

std::vector<Bytes> Engine::available(Bytes Amount::*bound) const {
  std::vector<Bytes> bytes;
  bytes.reserve(ranks.size());
  for (const Rank& rank : ranks) bytes.push_back(rank.available.*bound);
  return bytes;
}

bool has_room(const Engine& engine, const Demand& demand, Bytes Amount::*bound) {
  const std::vector<Bytes> available = engine.available(bound);
  if (engine.cache->longest(available, demand.tokens) < demand.tokens) return false;
  return demand.requests == 0 ||
         engine.cache->requests(available, demand.tokens_per_request) >= demand.requests;
}

Verdict verdict_of(const Engine& engine, const Demand& demand) {
  if (!engine.refusal.empty() || !has_room(engine, demand, &Amount::high)) return Verdict::no;
  if (!has_room(engine, demand, &Amount::low)) return Verdict::tight;
  for (std::size_t stage = 0; stage < engine.ranks.size(); ++stage) {
    const Rank& rank = engine.ranks[stage];
    const Bytes needed = rank.costs.best + engine.cache->needed(demand, stage);
    if (needed * 3 > rank.budget * 2) return Verdict::fits;
  }
  return Verdict::great;
}

std::vector<PlaceEstimate> places_of(const Engine& engine, const Demand& demand) {
  std::vector<PlaceEstimate> places;
  for (std::size_t stage = 0; stage < engine.ranks.size(); ++stage) {
    const Rank& rank = engine.ranks[stage];
    const Amount cache = Amount::exactly(engine.cache->needed(demand, stage));
    PlaceEstimate place;
    place.terms = rank.terms;
    place.terms.insert(place.terms.begin() + 1,
                       {TermKind::kv_cache, cache, engine.cache->is_exact() ? Basis::exact : Basis::derived});
    place.known_total = rank.costs + cache;
    for (std::uint32_t i = 0; i < engine.parallel.tensor * engine.parallel.data; ++i) {
      place.place = Place::gpu(places.size());
      places.push_back(place);
    }
  }
  return places;
}

Capacity capacity_of(const Engine& engine, std::uint64_t length, std::uint64_t full_length) {
  const Cache& cache = *engine.cache;
  const std::vector<Bytes> best = engine.available(&Amount::best);
  Capacity capacity;
  capacity.available_kv =
      std::ranges::min(engine.ranks, {}, [](const Rank& rank) { return rank.available.best; }).available;
  capacity.blocks = cache.blocks(best);
  capacity.block_size = cache.block_size();
  capacity.kv_cache_tokens = cache.tokens(best);
  capacity.kv_cache_tokens_low = cache.tokens(engine.available(&Amount::low));
  capacity.kv_cache_tokens_high = cache.tokens(engine.available(&Amount::high));
  capacity.max_concurrency = cache.concurrency(best, length);
  capacity.max_model_len = cache.longest(best, full_length);
  capacity.kv_bytes_per_token = cache.bytes_per_token();
  return capacity;
}

}  // namespace vramcalc::serving
