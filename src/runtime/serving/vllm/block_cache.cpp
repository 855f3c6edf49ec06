#include "runtime/serving/vllm/block_cache.hpp"

#include <algorithm>

namespace vramcalc::vllm {
std::uint64_t blocks_for(const KvCache& cache, const Demand& demand) {
  const std::uint64_t one = cache.blocks_per_request(demand.tokens);
  if (demand.requests == 0) return one;
  return std::max(one,
                  checked_multiply(demand.requests, cache.blocks_per_request(demand.tokens_per_request)));
}

Bytes BlockCache::needed(const Demand& demand, std::size_t stage) const {
  const Bytes one = cache_->needed(demand.tokens, stage);
  if (demand.requests == 0) return one;
  return std::max(one, cache_->bytes_per_block[stage] * blocks_for(*cache_, demand));
}

std::uint64_t BlockCache::blocks(std::span<const Bytes> available) const {
  return blocks_ ? *blocks_ : cache_->blocks(available);
}

std::uint64_t BlockCache::tokens(std::span<const Bytes> available) const {
  return cache_->printed_tokens_of(blocks(available));
}

double BlockCache::concurrency(std::span<const Bytes> available, std::uint64_t length) const {
  return cache_->max_concurrency_of(blocks(available), length);
}

std::uint64_t BlockCache::requests(std::span<const Bytes> available, std::uint64_t length) const {
  return cache_->sequences_of(blocks(available), length);
}

std::uint64_t BlockCache::longest(std::span<const Bytes> available, std::uint64_t most) const {
  if (!blocks_) return cache_->longest(available, most);
  std::vector<Bytes> bytes = cache_->bytes_per_block;
  for (Bytes& of_stage : bytes) of_stage = of_stage * *blocks_;
  return cache_->longest(bytes, most);
}

}  // namespace vramcalc::vllm
