#pragma once

#include <string>
#include <vector>

#include "runtime/serving/vllm/budget.hpp"
#include "runtime/serving/vllm/kv_cache.hpp"
#include "runtime/serving/vllm/loaded_weights.hpp"
#include "runtime/serving/vllm/settings.hpp"
#include "vramcalc/demand.hpp"
#include "vramcalc/fit.hpp"

namespace vramcalc::vllm {

// One engine on GPUs of one kind: what each pipeline stage loads and has left, and the cache that it shares.
struct Engine {
  Settings settings;
  TargetDevice device;  // one GPU
  std::vector<LoadedStage> stages;
  std::vector<Budget> budgets;  // of one rank of each stage
  KvCache cache;
  std::string refusal;  // why vLLM would not start, in its words; empty if it would

  std::vector<Bytes> available(Bytes Amount::*bound) const;  // for the cache, of each stage
};

// What was asked for: one request of the full length, or the requests that must have room at once. Bytes of
// one rank of a stage.
std::uint64_t blocks_for(const KvCache& cache, const Demand& demand);
Bytes cache_for(const KvCache& cache, const Demand& demand, std::size_t stage);

bool has_room(const Engine& engine, const Demand& demand, Bytes Amount::*bound);

// On the share of the memory that vLLM lets itself take.
Verdict verdict_of(const Engine& engine, const Demand& demand);

// The terms of one rank, without their reasons.
PlaceEstimate rank_of(const Engine& engine, std::size_t stage, const Demand& demand);

}  // namespace vramcalc::vllm
