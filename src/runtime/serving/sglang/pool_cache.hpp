#pragma once

#include "runtime/serving/engine.hpp"
#include "runtime/serving/sglang/kv_pools.hpp"

namespace vramcalc::sglang {

// SGLang's pools as every engine's cache. All stages have the pools of the one with the most weights.
class PoolCache final : public serving::Cache {
 public:
  PoolCache(const KvPools& pools, const Settings& settings) : pools_(pools), settings_(settings) {}

  Bytes needed(const Demand& demand, std::size_t stage) const override;
  std::uint64_t tokens(std::span<const Bytes> available) const override;
  double concurrency(std::span<const Bytes> available, std::uint64_t length) const override;
  std::uint64_t requests(std::span<const Bytes> available, std::uint64_t length) const override;
  std::uint64_t longest(std::span<const Bytes> available, std::uint64_t most) const override;
  std::uint64_t blocks(std::span<const Bytes> available) const override;
  std::uint64_t block_size() const override { return settings_.page_size; }
  Bytes bytes_per_token() const override;
  bool is_exact() const override { return true; }

 private:
  PoolSizes sizes(std::span<const Bytes> available) const;

  KvPools pools_;
  Settings settings_;
};

}  // namespace vramcalc::sglang
