#pragma once

#include <cstdint>
#include <vector>

#include "runtime/serving/vllm/cache_type.hpp"
#include "runtime/serving/vllm/recurrent_page.hpp"

namespace vramcalc::vllm {

// What one layer stores in a block, per rank (vllm/v1/kv_cache_interface.py, KVCacheSpec).
struct KvSpec {
  enum class Kind : std::uint8_t { full, sliding, chunked, recurrent };
  Kind kind = Kind::full;
  std::uint64_t bytes_per_token = 0;  // 0 for recurrent layers
  std::uint64_t block_size = 0;       // tokens
  std::uint64_t page = 0;             // bytes of a block
  std::uint64_t window = 0;           // tokens
  std::uint32_t heads = 0,
                width = 0;  // layers of other shapes have tables of their own even if pages are equal
  friend bool operator==(const KvSpec&, const KvSpec&) = default;
};

// Layers with the same spec, by their numbers in the model.
struct KvLayers {
  KvSpec spec;
  std::vector<std::uint32_t> layers;
};

struct KvSpecs {
  std::vector<KvLayers> buckets;  // in the order of their first layers
  MambaMode mamba_mode = MambaMode::none;
  Doubt doubt;
};

// The specs of all layers that keep a cache, draft layers included. `draft_model` is the model of
// serving::Drafts::Method::draft_model. Error (unsupported) for a layer that vLLM does not run.
KvSpecs kv_specs(const Architecture& architecture, const Settings& settings, bool declares_fp8,
                 const Architecture* draft_model);

}  // namespace vramcalc::vllm
