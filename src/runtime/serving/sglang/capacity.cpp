#include "runtime/serving/sglang/capacity.hpp"

#include <cmath>

namespace vramcalc::sglang {

Capacity capacity(const Budget& budget, const KvPools& pools, const Settings& settings) {
  const std::uint64_t copies = std::uint64_t{settings.parallel.data} * settings.replicas;
  const auto sizes = [&](Bytes available) { return pool_sizes(pools, settings, available); };
  const PoolSizes best = sizes(budget.pools.best);
  Capacity capacity;
  capacity.available_kv = budget.pools;
  capacity.kv_cache_tokens = best.tokens * copies;
  capacity.kv_cache_tokens_low = sizes(budget.pools.low).tokens * copies;
  capacity.kv_cache_tokens_high = sizes(budget.pools.high).tokens * copies;
  capacity.max_concurrency =
      concurrent_requests(best, pools, settings, settings.context_length) * static_cast<double>(copies);
  capacity.max_model_len = longest_request(best, settings);
  capacity.kv_bytes_per_token = Bytes(static_cast<std::uint64_t>(std::ceil(pools.cell_size)));
  capacity.block_size = settings.page_size;
  capacity.blocks = capacity.kv_cache_tokens / settings.page_size;
  return capacity;
}

}  // namespace vramcalc::sglang
