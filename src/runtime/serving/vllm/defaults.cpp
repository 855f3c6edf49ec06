#include "runtime/serving/vllm/defaults.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "runtime/serving/vllm/release_row.hpp"

namespace vramcalc::vllm {
namespace {

using enum DeviceTiers;

// Read at the tags of the releases: vllm/engine/arg_utils.py and vllm/config/{cache,scheduler,vllm}.py. The
// borders 0.8.3, 0.10.2, 0.11.1, 0.12 and 0.26 are known to within one release. Columns as in
// ReleaseDefaults.
using Row = ReleaseDefaults;
constexpr std::array releases = {
    Row{{0, 8, 0},  0.90, by_name,           false, false, false, 8,  512,  false, false, false, false},
    Row{{0, 8, 3},  0.90, from_70_gib,       false, false, false, 8,  512,  false, false, false, false},
    Row{{0, 9, 0},  0.90, from_70_but_a100,  false, false, false, 8,  512,  false, false, false, false},
    Row{{0, 9, 1},  0.90, from_70_but_a100,  false, false, false, 8,  512,  false, false, true,  false},
    Row{{0, 10, 0}, 0.90, from_70_but_a100,  false, false, true,  8,  512,  false, false, true,  false},
    Row{{0, 10, 2}, 0.90, from_70_but_a100,  true,  false, true,  8,  512,  false, false, true,  false},
    Row{{0, 11, 1}, 0.90, from_70_but_a100,  true,  false, true,  16, 512,  false, false, true,  false},
    Row{{0, 12, 0}, 0.90, from_70_but_a100,  true,  true,  true,  16, 512,  false, false, true,  false},
    Row{{0, 20, 0}, 0.92, from_70_but_a100,  true,  true,  true,  16, 512,  true,  false, true,  false},
    Row{{0, 26, 0}, 0.92, from_70_but_a100,  true,  true,  true,  16, 512,  true,  false, true,  true },
    Row{{0, 26, 1}, 0.92, from_70_but_a100,  true,  true,  true,  16, 512,  true,  true,  true,  true },
    Row{{0, 28, 0}, 0.92, also_from_160_gib, true,  true,  true,  16, 1024, true,  true,  true,  true },
};

// The server's defaults per tier.
struct TierRow {
  DeviceTiers tiers;
  BatchDefaults other, big, huge;
};
constexpr std::array tier_rows = {
    TierRow{by_name,           {2048, 1024}, {8192, 1024}, {8192, 1024} },
    TierRow{from_70_gib,       {2048, 256},  {8192, 1024}, {8192, 1024} },
    TierRow{from_70_but_a100,  {2048, 256},  {8192, 1024}, {8192, 1024} },
    TierRow{also_from_160_gib, {2048, 256},  {8192, 1024}, {16384, 1024}},
};

constexpr Bytes big_memory{70 * GiB}, huge_memory{160 * GiB};

// NVIDIA's GPUs that share the host's memory do not tell their total, and vLLM then takes the lowest tier.
bool hides_memory(const TargetDevice& device) { return device.unified && device.capability != 0; }

// The A100 and the A30 have compute capability 8.0, and only the A100 has this much memory. The A800, which
// vLLM does not take for one, is not told from it.
bool is_a100(const TargetDevice& device) { return device.capability == 80; }

bool is_big(DeviceTiers tiers, const TargetDevice& device) {
  const Bytes memory = std::max(device.driver_total, device.total);
  if (hides_memory(device)) return false;
  if (tiers == by_name) return device.capability == 90;
  return memory >= big_memory && (tiers == from_70_gib || !is_a100(device));
}

// The architectures that run on the V2 runner, unless quantized. Mixtures of experts do so from 0.24.
struct V2Row {
  Release since;
  std::string_view model_type;
};
constexpr std::array v2_rows = {
    V2Row{{0, 22, 0}, "qwen3"      },
    V2Row{{0, 23, 0}, "llama"      },
    V2Row{{0, 23, 0}, "mistral"    },
    V2Row{{0, 24, 0}, "qwen2_moe"  },
    V2Row{{0, 24, 0}, "deepseek_v2"},
    V2Row{{0, 24, 0}, "granitemoe" },
};

// From 0.30 all models do (pull request 53183).
constexpr Release all_on_v2{0, 30, 0};

template <class... Kinds>
bool is_any_of(const Attention& attention) {
  return (std::holds_alternative<Kinds>(attention) || ...);
}

bool is_sparse(const Architecture& architecture) {
  return std::ranges::any_of(architecture.blocks, [](const Block& block) {
    const auto* latent = std::get_if<LatentAttention>(&block.attention);
    return latent != nullptr && (latent->sparse || latent->indexer.has_value());
  });
}

// Backends of latent attention and their block sizes (vllm/platforms/cuda.py): FlashMLA 64, CUTLASS MLA 128,
// FlashInfer MLA 64 and later 32; FlashAttention MLA and Triton MLA take any multiple of 16.
struct LatentRow {
  Release since;
  std::uint32_t hopper, hopper_fp8, blackwell;
};
constexpr std::array latent_rows = {
    LatentRow{{0, 8, 0},  16, 16, 16 },
    LatentRow{{0, 8, 3},  64, 64, 16 },
    LatentRow{{0, 9, 0},  64, 64, 128},
    LatentRow{{0, 11, 1}, 64, 64, 64 },
    LatentRow{{0, 20, 0}, 16, 64, 32 },
};

bool is_fp8(CacheType cache) { return cache >= CacheType::fp8 && cache <= CacheType::fp8_ds_mla; }

std::uint32_t latent_block_size(const Release& release, const TargetDevice& device, CacheType cache) {
  const LatentRow& row = row_for(latent_rows, release);
  const std::uint32_t generation = device.capability / 10;
  if (generation == 10) return row.blackwell;
  if (generation == 9) return is_fp8(cache) ? row.hopper_fp8 : row.hopper;
  return 16;
}

}  // namespace

const ReleaseDefaults& defaults_of(const Release& release) { return row_for(releases, release); }

BatchDefaults batch_defaults(DeviceTiers tiers, const TargetDevice& device) {
  const TierRow& row = *std::ranges::find(tier_rows, tiers, &TierRow::tiers);
  if (!is_big(tiers, device)) return row.other;
  return std::max(device.driver_total, device.total) >= huge_memory ? row.huge : row.big;
}

std::uint32_t default_block_size(const Release& release, const Architecture& architecture,
                                 const TargetDevice& device, CacheType cache) {
  constexpr std::uint32_t usual = 16, of_sparse_attention = 64, of_compressed_attention = 256;
  for (const Block& block : architecture.blocks)
    if (is_any_of<CompressedAttention>(block.attention)) return of_compressed_attention;
  if (!has_latent_attention(architecture)) return usual;
  return is_sparse(architecture) ? of_sparse_attention : latent_block_size(release, device, cache);
}

bool runs_on_v2(const Release& release, const Architecture& architecture, bool quantized) {
  if (release >= all_on_v2) return true;
  return !quantized && std::ranges::any_of(v2_rows, [&](const V2Row& row) {
    return row.model_type == architecture.model_type && row.since <= release;
  });
}

bool has_recurrent_layers(const Architecture& architecture) {
  return std::ranges::any_of(architecture.blocks, [](const Block& block) {
    return is_any_of<GatedDeltaNet, KimiDeltaAttention, LightningAttention, Mamba1, Mamba2,
                     ParallelMamba2Attention, ShortConvolution>(block.attention);
  });
}

bool has_experts(const Architecture& architecture) {
  return std::ranges::any_of(architecture.blocks, [](const Block& block) {
    return std::holds_alternative<MixtureOfExperts>(block.feed_forward);
  });
}

bool has_latent_attention(const Architecture& architecture) {
  return std::ranges::any_of(architecture.blocks, [](const Block& block) {
    return is_any_of<LatentAttention, CompressedAttention>(block.attention);
  });
}

}  // namespace vramcalc::vllm
