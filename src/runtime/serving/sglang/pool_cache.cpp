#include "runtime/serving/sglang/pool_cache.hpp"

#include <algorithm>
#include <cmath>

namespace vramcalc::sglang {

PoolSizes PoolCache::sizes(std::span<const Bytes> available) const {
  return pool_sizes(pools_, settings_, *std::ranges::min_element(available));
}

Bytes PoolCache::bytes_per_token() const {
  return Bytes(static_cast<std::uint64_t>(std::ceil(pools_.cell_size)));
}

// The smallest pools that hold the demand, found by their own division.
Bytes PoolCache::needed(const Demand& demand, std::size_t) const {
  const std::uint64_t requests = std::max<std::uint32_t>(1, demand.requests);
  const auto holds = [&](Bytes bytes) {
    const std::vector<Bytes> one{bytes};
    return longest(one, demand.tokens) >= demand.tokens &&
           (demand.requests == 0 || this->requests(one, demand.tokens_per_request) >= requests);
  };
  std::uint64_t high = MiB;
  while (!holds(Bytes(high)) && high < (std::uint64_t{1} << 50)) high *= 2;
  std::uint64_t low = high / 2;
  while (high - low > MiB / 16) {
    const std::uint64_t middle = low + (high - low) / 2;
    (holds(Bytes(middle)) ? high : low) = middle;
  }
  return Bytes(high);
}

std::uint64_t PoolCache::tokens(std::span<const Bytes> available) const { return sizes(available).tokens; }

double PoolCache::concurrency(std::span<const Bytes> available, std::uint64_t length) const {
  return concurrent_requests(sizes(available), pools_, settings_, length);
}

std::uint64_t PoolCache::requests(std::span<const Bytes> available, std::uint64_t length) const {
  return static_cast<std::uint64_t>(concurrency(available, length));
}

std::uint64_t PoolCache::longest(std::span<const Bytes> available, std::uint64_t most) const {
  const std::uint64_t tokens = sizes(available).tokens;
  if (tokens == 0) return 0;
  return pools_.cell_size == 0 ? most : std::min(most, tokens - 1);  // recurrent states know no length
}

std::uint64_t PoolCache::blocks(std::span<const Bytes> available) const {
  return tokens(available) / std::max<std::uint32_t>(1, settings_.page_size);
}

}  // namespace vramcalc::sglang
