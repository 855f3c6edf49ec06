#pragma once

#include "runtime/serving/vllm/kv_groups.hpp"
#include "runtime/serving/vllm/settings.hpp"

namespace vramcalc::vllm {

// Whether the model has layers of compressed attention (DeepSeek V4), whose pages are packed in a way of
// their own.
bool has_compressed_layers(const Architecture& architecture);

struct CompressedGroups {
  KvGroups groups;
  std::vector<Bytes> needed_per_block;  // of each stage, as the check for one request counts them
};

// Error (unsupported) with pipeline stages, for which the packing is not known.
CompressedGroups compressed_groups(const Architecture& architecture, const Settings& settings);

}  // namespace vramcalc::vllm
