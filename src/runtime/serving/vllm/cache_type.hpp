#pragma once

#include <cstdint>
#include <string>

#include "runtime/serving/vllm/settings.hpp"
#include "vramcalc/architecture.hpp"

// The types in which vLLM stores K and V (vllm/v1/kv_cache_interface.py,
// vllm/model_executor/layers/attention/).
namespace vramcalc::vllm {

// Why the tokens that fit are not known to the last one: they lie between these shares of the computed
// number.
struct Doubt {
  double low = 1, high = 1;
  std::string reason;
  bool any() const { return low != high; }
  friend bool operator==(const Doubt&, const Doubt&) = default;
};

// Both doubts together.
Doubt both(const Doubt& a, const Doubt& b);

struct StoredCache {
  CacheType type = CacheType::bfloat16;  // never automatic
  Doubt doubt;
};

// --kv-cache-dtype as the model, its checkpoint and the attention backend resolve it. `declares_fp8`: the
// checkpoint has a scheme for its KV cache (kv_cache_scheme, kv_cache_quant_algo). Error (unsupported) for a
// type that the model's kind of attention cannot use.
StoredCache stored_cache(const Architecture& architecture, const Settings& settings, bool declares_fp8);

// Bytes per token of one KV head with these sizes of K and V.
std::uint64_t head_bytes(CacheType type, std::uint64_t key_length, std::uint64_t value_length);

// Bytes per token of a latent row.
std::uint64_t latent_bytes(CacheType type, const LatentAttention& attention);

bool is_turboquant(CacheType type);

}  // namespace vramcalc::vllm
