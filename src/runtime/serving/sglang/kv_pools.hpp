#pragma once

#include <cstdint>

#include "runtime/serving/sglang/settings.hpp"

// The pools of one attention rank (sglang/srt/model_executor/pool_configurator.py): tokens of all layers that
// keep every token, tokens of window layers, and slots of recurrent states.
namespace vramcalc::sglang {

struct KvPools {
  Bytes full_bytes_per_token;  // layers that keep every token, with those of drafts
  Bytes swa_bytes_per_token;   // layers with a window pool; 0 without one
  double cell_size = 0;        // bytes in all token pools per token of the full pool
  Bytes state_slot;            // recurrent states of one slot; 0 without any
  Bytes compressor_slot;       // compressor states of one request (DeepSeek V4)
  std::uint64_t window = 0;    // tokens
  friend bool operator==(const KvPools&, const KvPools&) = default;
};

KvPools kv_pools(const Settings& settings, const Architecture& architecture);

struct PoolSizes {
  std::uint64_t tokens = 0;       // max_total_num_tokens of one attention rank
  std::uint64_t swa_tokens = 0;   // of the window pool
  std::uint64_t state_slots = 0;  // max_mamba_cache_size, without the padding slot
  std::uint64_t max_running_requests = 0;
  Bytes cache;   // K and V with their padding page
  Bytes states;  // recurrent states with their padding slot, and those of drafts
  friend bool operator==(const PoolSizes&, const PoolSizes&) = default;
};

// What the bytes are divided into. All zero if they hold nothing.
PoolSizes pool_sizes(const KvPools& pools, const Settings& settings, Bytes available);

// How many requests of `tokens` tokens run at once on one attention rank, as far as the pools go.
double concurrent_requests(const PoolSizes& sizes, const KvPools& pools, const Settings& settings,
                           std::uint64_t tokens);
// The longest request, with its answer; 0 if there is no room.
std::uint64_t longest_request(const PoolSizes& sizes, const Settings& settings);

}  // namespace vramcalc::sglang
