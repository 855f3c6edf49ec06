#include "runtime/serving/vllm/cache_type.hpp"

#include <algorithm>
#include <array>
#include <bit>

#include "model/cache_rows.hpp"
#include "vramcalc/error.hpp"

namespace vramcalc::vllm {
namespace {

constexpr Release first_stable_sparse{0, 11, 1};  // V3.2 no longer chooses fp8 whatever the GPU
constexpr Release flashinfer_sparse{0, 16, 0};    // a sparse backend for Blackwell with rows of plain fp8
constexpr std::uint32_t blackwell = 100;
constexpr std::uint32_t consumer_blackwell = 120;

bool is_fp8(CacheType type) {
  return type == CacheType::fp8 || type == CacheType::fp8_e4m3 || type == CacheType::fp8_e5m2 ||
         type == CacheType::fp8_inc;
}

bool is_16_bit(CacheType type) {
  return type == CacheType::automatic || type == CacheType::float16 || type == CacheType::bfloat16;
}

// vllm/model_executor/layers/quantization/turboquant/config.py, TQ_PRESETS
struct TurboQuant {
  CacheType type;
  std::uint64_t key_bits, value_bits;
};
constexpr std::array turboquant_presets{
    TurboQuant{CacheType::turboquant_k8v4,    8, 4},
    TurboQuant{CacheType::turboquant_4bit_nc, 4, 4},
    TurboQuant{CacheType::turboquant_k3v4_nc, 3, 4},
    TurboQuant{CacheType::turboquant_3bit_nc, 3, 3}
};

const TurboQuant* turboquant(CacheType type) {
  const auto found = std::ranges::find(turboquant_presets, type, &TurboQuant::type);
  return found == turboquant_presets.end() ? nullptr : &*found;
}

// Keys of 8 bits are fp8; narrower ones have a norm. Values have a scale and a zero point.
std::uint64_t slot_bytes(const TurboQuant& preset, std::uint64_t key_length, std::uint64_t value_length) {
  const std::uint64_t keys = preset.key_bits == 8 ? key_length : (key_length * preset.key_bits + 7) / 8 + 2;
  const std::uint64_t values = (value_length * preset.value_bits + 7) / 8 + 4;
  return round_up(keys + values, 2);
}

template <class Part>
const Part* first_part(const Architecture& architecture) {
  for (const Block& block : architecture.blocks)
    if (const auto* part = std::get_if<Part>(&block.attention)) return part;
  return nullptr;
}

[[noreturn]] void refuse(const std::string& why) { throw Error(ErrorCode::unsupported, why); }

// B200 and B300; consumer Blackwell has other backends.
bool is_blackwell(const Settings& settings) {
  return settings.capability >= blackwell && settings.capability < consumer_blackwell;
}

// Sparse latent attention: the backend, and so the row, depends on the GPU
// (vllm/model_executor/layers/attention/mla_attention.py).
StoredCache sparse_latent_cache(const Architecture& architecture, const Settings& settings, CacheType type) {
  const bool plain_rows = is_blackwell(settings) && settings.release >= flashinfer_sparse;
  if (type == CacheType::automatic) {
    if (settings.capability >= consumer_blackwell) return {CacheType::fp8_ds_mla, {}};
    if (architecture.model_type != "deepseek_v32") return {CacheType::bfloat16, {}};
    if (settings.release < first_stable_sparse) return {CacheType::fp8_ds_mla, {}};
    return {
        CacheType::fp8_ds_mla, {0.61, 1, "--kv-cache-dtype auto may store DeepSeek V3.2's cache in 16 bits"}
    };
  }
  if (is_fp8(type)) return {plain_rows ? CacheType::fp8 : CacheType::fp8_ds_mla, {}};
  return {type, {}};
}

StoredCache latent_cache(const Architecture& architecture, const Settings& settings, CacheType type,
                         const LatentAttention& latent) {
  if (!is_16_bit(type) && !is_fp8(type) && type != CacheType::fp8_ds_mla)
    refuse("vLLM stores latent attention (MLA) in 16 bits or fp8 only");
  if (latent.sparse) return sparse_latent_cache(architecture, settings, type);
  return {is_16_bit(type) ? CacheType::bfloat16 : type, {}};
}

// FlashInfer's backend, the default on B200 and B300, keeps 16 bits unless fp8 is asked for.
StoredCache compressed_cache(const Settings& settings, CacheType type) {
  if (type != CacheType::automatic || !is_blackwell(settings)) return {CacheType::fp8_ds_mla, {}};
  return {
      CacheType::fp8_ds_mla, {0.5, 1, "--kv-cache-dtype auto may store DeepSeek V4's cache in 16 bits"}
  };
}

// The first releases stored each head in a power of two of bytes.
StoredCache turboquant_cache(const Architecture& architecture, const TurboQuant& preset) {
  Doubt doubt;
  for (const Block& block : architecture.blocks) {
    const GroupedQueryAttention* attention = grouped_query_part(block.attention);
    if (attention == nullptr) continue;
    const std::uint64_t slot = slot_bytes(preset, attention->key_length, attention->value_length);
    doubt = {static_cast<double>(slot) / static_cast<double>(std::bit_ceil(slot)), 1.02,
             "turboquant packs heads differently in different releases"};
    break;
  }
  return {preset.type, doubt};
}

}  // namespace

Doubt both(const Doubt& a, const Doubt& b) {
  if (!a.any()) return b;
  if (!b.any()) return a;
  return {a.low * b.low, a.high * b.high, a.reason + "; " + b.reason};
}

bool is_turboquant(CacheType type) { return turboquant(type) != nullptr; }

StoredCache stored_cache(const Architecture& architecture, const Settings& settings, bool declares_fp8) {
  CacheType type = settings.kv_cache_dtype;
  if (type == CacheType::automatic && declares_fp8) type = CacheType::fp8;
  if (first_part<CompressedAttention>(architecture) != nullptr) {
    if (type != CacheType::automatic && !is_fp8(type) && type != CacheType::fp8_ds_mla)
      refuse("DeepSeek V4's cache is computed for fp8 only");
    return compressed_cache(settings, type);
  }
  if (const auto* latent = first_part<LatentAttention>(architecture); latent != nullptr && latent->absorbed)
    return latent_cache(architecture, settings, type, *latent);
  if (type == CacheType::fp8_ds_mla) refuse("fp8_ds_mla is a format for latent attention (MLA) only");
  if (const TurboQuant* preset = turboquant(type)) return turboquant_cache(architecture, *preset);
  return {is_16_bit(type) ? CacheType::bfloat16 : type, {}};
}

std::uint64_t head_bytes(CacheType type, std::uint64_t key_length, std::uint64_t value_length) {
  constexpr std::uint64_t scales = 2 * 4;  // one f32 per token and head for K and for V
  const std::uint64_t elements = key_length + value_length;
  switch (type) {
    case CacheType::fp8:
    case CacheType::fp8_e4m3:
    case CacheType::fp8_e5m2:
    case CacheType::fp8_inc: return elements;
    case CacheType::int8_per_token_head:
    case CacheType::fp8_per_token_head: return elements + scales;
    case CacheType::int4_per_token_head: return elements / 2 + scales;
    case CacheType::nvfp4: return key_length / 2 + key_length / 16 + value_length / 2 + value_length / 16;
    default: break;
  }
  if (const TurboQuant* preset = turboquant(type)) return slot_bytes(*preset, key_length, value_length);
  return 2 * elements;
}

// fp8_ds_mla: the latent in fp8 with an f32 scale per 128 elements, the rotated part in 16 bits.
std::uint64_t latent_bytes(CacheType type, const LatentAttention& attention) {
  const std::uint64_t elements = token_row(attention).keys;
  if (type == CacheType::fp8_ds_mla)
    return attention.kv_lora_rank + attention.kv_lora_rank / 128 * 4 + 2ull * attention.qk_rope_head_dim;
  return is_fp8(type) ? elements : 2 * elements;
}

}  // namespace vramcalc::vllm
