#pragma once

#include <cstdint>
#include <vector>

#include "runtime/serving/vllm/kv_spec.hpp"
#include "vramcalc/bytes.hpp"

namespace vramcalc::vllm {

// Layers that share a block table (vllm/v1/core/kv_cache_utils.py, get_kv_cache_groups). Groups are made of
// the whole model; each pipeline stage then stores its own layers of each.
struct KvGroup {
  KvSpec::Kind kind = KvSpec::Kind::full;
  std::uint64_t block_size = 0;       // tokens
  std::uint64_t window = 0;           // tokens
  std::uint32_t layers = 0;           // of the whole model
  std::vector<Bytes> bytes_of_stage;  // of one block
  friend bool operator==(const KvGroup&, const KvGroup&) = default;
};

struct KvGroups {
  std::vector<KvGroup> groups;
  std::vector<Bytes> bytes_per_block;  // of each stage: one block of any group
  Doubt doubt;
};

KvGroups kv_groups(std::vector<KvLayers> buckets, std::uint32_t trunk_layers, std::uint32_t stages);

}  // namespace vramcalc::vllm
