#include "runtime/serving/vllm/engine.hpp"

#include <algorithm>

namespace vramcalc::vllm {

std::vector<Bytes> Engine::available(Bytes Amount::*bound) const {
  std::vector<Bytes> bytes;
  for (const Budget& budget : budgets) bytes.push_back(budget.available_kv.*bound);
  return bytes;
}

std::uint64_t blocks_for(const KvCache& cache, const Demand& demand) {
  const std::uint64_t one = cache.blocks_per_request(demand.tokens);
  if (demand.requests == 0) return one;
  const std::uint64_t each = cache.blocks_per_request(demand.tokens_per_request);
  return std::max(one, checked_multiply(demand.requests, each));
}

Bytes cache_for(const KvCache& cache, const Demand& demand, std::size_t stage) {
  const Bytes one = cache.needed(demand.tokens, stage);
  if (demand.requests == 0) return one;
  return std::max(one, cache.bytes_per_block[stage] * blocks_for(cache, demand));
}

bool has_room(const Engine& engine, const Demand& demand, Bytes Amount::*bound) {
  for (std::size_t stage = 0; stage < engine.budgets.size(); ++stage) {
    if (cache_for(engine.cache, demand, stage) > engine.budgets[stage].available_kv.*bound) return false;
  }
  return true;
}

Verdict verdict_of(const Engine& engine, const Demand& demand) {
  if (!engine.refusal.empty() || !has_room(engine, demand, &Amount::high)) return Verdict::no;
  if (!has_room(engine, demand, &Amount::low)) return Verdict::tight;
  for (std::size_t stage = 0; stage < engine.budgets.size(); ++stage) {
    const Budget& budget = engine.budgets[stage];
    const Bytes needed = budget.costs.best + cache_for(engine.cache, demand, stage);
    if (needed * 3 > budget.requested * 2) return Verdict::fits;
  }
  return Verdict::great;
}

namespace {

Basis basis_of(const Amount& amount, Basis otherwise) {
  return amount.low == amount.high ? Basis::exact : otherwise;
}

}  // namespace

// Graphs that the budget does not know are captured in the rest of the memory.
PlaceEstimate rank_of(const Engine& engine, std::size_t stage, const Demand& demand) {
  const Budget& budget = engine.budgets[stage];
  const Amount cache = Amount::exactly(cache_for(engine.cache, demand, stage));
  PlaceEstimate rank;
  rank.terms = {
      {TermKind::weights, budget.weights, basis_of(budget.weights,          Basis::derived)},
      {TermKind::kv_cache,                 cache,              engine.cache.doubt.any() ? Basis::derived : Basis::exact                        },
      {TermKind::activation_peak,                 budget.activation_peak,       Basis::fitted},
      {TermKind::non_torch,                 budget.non_torch,             Basis::fitted                                    },
  };
  if (engine.settings.graphs_in_budget)
    rank.terms.push_back({TermKind::cuda_graphs, budget.graph_estimate, Basis::fitted});
  rank.known_total = budget.costs + cache;
  return rank;
}

}  // namespace vramcalc::vllm
