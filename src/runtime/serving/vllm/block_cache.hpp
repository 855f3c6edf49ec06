#pragma once

#include <memory>

#include "runtime/serving/engine.hpp"
#include "runtime/serving/vllm/kv_cache.hpp"

namespace vramcalc::vllm {

// vLLM's cache as every engine's: blocks of a fixed size.
class BlockCache final : public serving::Cache {
 public:
  explicit BlockCache(std::shared_ptr<const KvCache> cache, std::optional<std::uint64_t> blocks)
      : cache_(std::move(cache)), blocks_(blocks) {}

  Bytes needed(const Demand& demand, std::size_t stage) const override;
  std::uint64_t tokens(std::span<const Bytes> available) const override;
  double concurrency(std::span<const Bytes> available, std::uint64_t length) const override;
  std::uint64_t requests(std::span<const Bytes> available, std::uint64_t length) const override;
  std::uint64_t longest(std::span<const Bytes> available, std::uint64_t most) const override;
  std::uint64_t blocks(std::span<const Bytes> available) const override;
  std::uint64_t block_size() const override { return cache_->block_size(); }
  Bytes bytes_per_token() const override { return cache_->bytes_per_token; }
  bool is_exact() const override { return !cache_->doubt.any() && !is_extrapolated(cache_->release); }

 private:
  std::shared_ptr<const KvCache> cache_;
  std::optional<std::uint64_t> blocks_;  // --num-gpu-blocks-override
};

// The blocks of a demand: of one request of the full length, or of those that must have room at once.
std::uint64_t blocks_for(const KvCache& cache, const Demand& demand);

}  // namespace vramcalc::vllm
