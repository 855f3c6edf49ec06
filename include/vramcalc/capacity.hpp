#pragma once

#include <cstdint>

#include "vramcalc/amount.hpp"

namespace vramcalc {

// What a loaded model has room for. A runtime that reserves its cache for the requested tokens has exactly
// those; one that takes a share of the memory fills the rest of it with cache.
struct Capacity {
  Amount available_kv;                // bytes of cache on the GPU that has the least
  std::uint64_t kv_cache_tokens = 0;  // over all sequences, as the runtime counts them
  std::uint64_t kv_cache_tokens_low = 0, kv_cache_tokens_high = 0;
  double max_concurrency = 0;       // requests of the full length at once
  std::uint64_t max_model_len = 0;  // the longest request that fits; 0 if none does
  Bytes kv_bytes_per_token;         // per GPU
  std::uint64_t blocks = 0;         // 0 for a runtime without blocks
  std::uint64_t block_size = 0;     // tokens
  friend bool operator==(const Capacity&, const Capacity&) = default;
};

}  // namespace vramcalc
