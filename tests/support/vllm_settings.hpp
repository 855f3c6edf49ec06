#pragma once

#include <algorithm>

#include "runtime/serving/vllm/settings.hpp"
#include "support/vllm_starts.hpp"

namespace vramcalc::test {

inline Bytes bytes_of_gib(double value) {
  return Bytes(static_cast<std::uint64_t>(value * static_cast<double>(GiB)));
}

inline std::uint32_t capability_of(const std::string& gpu) {
  return gpu.find("GB10") != gpu.npos ? 121 : gpu.find("RTX_PRO_6000") != gpu.npos ? 120 : 90;
}

// The engine of a measured start as its log shows it, with the defaults of a server on a small GPU for the
// rest.
inline vllm::Settings settings_of(const VllmStart& row, const Architecture& architecture) {
  const bool latent = std::any_of(
      architecture.blocks.begin(), architecture.blocks.end(),
      [](const Block& block) { return std::holds_alternative<LatentAttention>(block.attention); });
  vllm::Settings settings;
  settings.release = row.release();
  settings.parallel = {.tensor = row.tp, .pipeline = row.pp, .decode_context = row.dcp};
  settings.max_model_len = row.max_model_len.value_or(architecture.context_length);
  settings.max_num_batched_tokens = row.max_num_batched_tokens.value_or(2048);
  settings.block_size = row.block.value_or(latent ? 64 : 16);
  if (row.kv_cache_dtype == "fp8") settings.kv_cache_dtype = vllm::CacheType::fp8;
  settings.prefix_caching = row.prefix_caching == "True";
  if (row.num_spec > 0) settings.drafts = {serving::Drafts::Method::mtp, row.num_spec, ""};
  settings.capability = capability_of(row.gpu);
  return settings;
}

}  // namespace vramcalc::test
