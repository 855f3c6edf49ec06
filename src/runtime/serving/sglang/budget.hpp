#pragma once

#include <cstdint>
#include <string>

#include "runtime/serving/sglang/settings.hpp"
#include "vramcalc/estimate.hpp"

// The memory of one rank (sglang/srt/mem_cache/kv_cache_configurator.py, _profile_available_bytes). The pools
// get what is free after loading, less the share of what was free before that the fraction leaves for
// activations and CUDA graphs:
//
//   pools = free after loading − free before loading × (1 − fraction) − reserve for multimodal input
namespace vramcalc::sglang {

struct Budget {
  Amount free_before_load;  // without the CUDA context and NCCL
  Amount weights;
  Amount multimodal_reserve;
  Amount pools;             // KV cache and recurrent states
  Amount outside;           // for activations, CUDA graphs and request tables
  Fraction least_fraction;  // below this the engine does not start
  friend bool operator==(const Budget&, const Budget&) = default;
};

// With the figures of a log that `options` has in place of estimates.
Budget memory_budget(const Settings& settings, const Options& options, const TargetDevice& device,
                     const Amount& weights);

// ---- outside the fraction

// The token positions of every request: int32 up to the full length and four more.
Bytes request_table(const Settings& settings, std::uint64_t max_running_requests);

// ---- in words

// What SGLang says if it does not start, and then what to do; empty if it does, or may.
std::string refusal(const Budget& budget, const Settings& settings);
// Which way to move the fraction; empty if both the pools and what lies outside them (`outside`) fit.
std::string advice(const Budget& budget, const Settings& settings, const Amount& outside);

}  // namespace vramcalc::sglang
