#include "runtime/serving/sglang/settings.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "model/cache_rows.hpp"
#include "runtime/serving/sglang/mem_fraction.hpp"
#include "runtime/serving/sglang/release.hpp"
#include "vramcalc/error.hpp"

namespace vramcalc::sglang {
namespace {

using Method = serving::Drafts::Method;

template <class Kind>
bool has_attention(const Architecture& architecture) {
  return std::ranges::any_of(architecture.blocks, [](const Block& block) {
    return !block.mtp && std::holds_alternative<Kind>(block.attention);
  });
}

template <std::size_t count>
bool is_one_of(std::string_view model_type, const std::array<std::string_view, count>& list) {
  return std::ranges::find(list, model_type) != list.end();
}

constexpr std::array<std::string_view, 10> window_pool_models = {
    "gpt_oss", "gemma4",  "gemma4_text", "mimo_v2_flash", "mimo_v2",
    "step3p5", "step3p7", "laguna",      "llama4",        "llama4_text"};

// Their states have an additional buffer so that scheduling can overlap (_MAMBA_EXTRA_BUFFER_ARCHS).
constexpr std::array<std::string_view, 9> extra_buffer_models = {
    "kimi_linear", "kimi_k3",          "qwen3_5",    "qwen3_5_moe", "qwen3_next",
    "falcon_h1",   "granitemoehybrid", "nemotron_h", "minicpmv4_6"};

[[noreturn]] void refuse(const std::string& sentence) { throw Error(ErrorCode::bad_value, sentence); }

// ---- parallelism

std::uint32_t query_heads(const Block& block) {
  return std::visit(
      [](const auto& part) -> std::uint32_t {
        using Part = std::decay_t<decltype(part)>;
        if constexpr (std::is_same_v<Part, ParallelMamba2Attention> || std::is_same_v<Part, CrossAttention> ||
                      std::is_same_v<Part, BlockSparseAttention>)
          return part.attention.heads;
        else if constexpr (std::is_same_v<Part, GroupedQueryAttention> ||
                           std::is_same_v<Part, LatentAttention> || std::is_same_v<Part, CompressedAttention>)
          return part.heads;
        else
          return 0;
      },
      block.attention);
}

void check_heads(const Architecture& architecture, std::uint32_t tensor) {
  for (const Block& block : architecture.blocks) {
    const std::uint32_t heads = query_heads(block);
    if (heads % tensor != 0)
      refuse(fmt::format(
          "SGLang refuses {} attention heads on {} tensor-parallel ranks (\"{} is not divisible by {}\"); "
          "choose a --tp that divides {}",
          heads, tensor, heads, tensor, heads));
  }
}

// K and V heads are split among the ranks, or copied to as many ranks each (srt/models/llama.py).
void check_kv_heads(const Architecture& architecture, std::uint32_t tensor) {
  for (const Block& block : architecture.blocks) {
    const GroupedQueryAttention* attention = grouped_query_part(block.attention);
    if (attention == nullptr || attention->kv_heads == 0) continue;
    const std::uint32_t heads = attention->kv_heads;
    if (std::max(heads, tensor) % std::min(heads, tensor) != 0)
      refuse(fmt::format(
          "SGLang refuses {} KV heads on {} tensor-parallel ranks, since neither divides the other; "
          "choose another --tp",
          heads, tensor));
  }
}

std::uint64_t most_experts(const Architecture& architecture) {
  std::uint64_t most = 0;
  for (const Block& block : architecture.blocks)
    if (const auto* mixture = std::get_if<MixtureOfExperts>(&block.feed_forward))
      most = std::max<std::uint64_t>(most, mixture->experts);
  return most;
}

void check_sizes(const Options& options, std::uint32_t tp) {
  if (tp == 0 || options.pp_size == 0 || options.dp_size == 0 || options.ep_size == 0)
    refuse("SGLang needs at least 1 for each of --tp, --pp-size, --dp-size and --ep-size");
  if (options.enable_dp_attention && options.dp_size > 1 && tp % options.dp_size != 0)
    refuse(
        fmt::format("SGLang refuses DP attention with --tp {} and --dp-size {} (\"You can use 1 < dp-size <= "
                    "tp-size\"); choose a --dp-size that divides {}",
                    tp, options.dp_size, tp));
  if (tp % options.ep_size != 0)
    refuse(
        fmt::format("SGLang spreads experts over the tensor-parallel ranks: choose an --ep-size that divides "
                    "--tp {}",
                    tp));
}

void set_parallel(Settings& settings, const Options& options, const Architecture& architecture,
                  std::uint32_t gpus) {
  const std::uint32_t tp = options.tp_size.value_or(std::max(
      1u, gpus / std::max(1u, options.pp_size * (options.enable_dp_attention ? 1 : options.dp_size))));
  check_sizes(options, tp);
  const bool dp_attention = options.enable_dp_attention && options.dp_size > 1;
  settings.parallel.tensor = dp_attention ? tp / options.dp_size : tp;
  settings.parallel.data = dp_attention ? options.dp_size : 1;
  settings.parallel.pipeline = options.pp_size;
  settings.parallel.experts = options.ep_size > 1;
  settings.replicas = dp_attention ? 1 : options.dp_size;
  check_heads(architecture, settings.parallel.tensor);
  check_kv_heads(architecture, settings.parallel.tensor);
  const std::uint64_t experts = most_experts(architecture);
  if (experts % options.ep_size != 0)
    refuse(fmt::format("SGLang refuses {} experts on --ep-size {}; choose one that divides {}", experts,
                       options.ep_size, experts));
  if (options.pp_size > architecture.blocks.size())
    refuse(fmt::format("--pp-size {} is more than the model's {} layers", options.pp_size,
                       architecture.blocks.size()));
}

// ---- cache

CacheType cache_type(const Options& options, const Architecture& architecture, const TargetDevice& device) {
  const CacheType asked = options.kv_cache_dtype;
  if (uses_sparse_latent_attention(architecture)) {
    if (asked == CacheType::automatic)  // Hopper 16 bits, Blackwell 8 (_dsa_kv_cache_dtype_default)
      return device.capability >= 100 ? CacheType::fp8_e4m3 : CacheType::bfloat16;
    if (asked != CacheType::bfloat16 && asked != CacheType::fp8_e4m3)
      refuse(
          "\"DeepSeek DSA only supports bf16/bfloat16 or fp8_e4m3 kv_cache_dtype\": choose one of them for "
          "--kv-cache-dtype");
  }
  return asked == CacheType::automatic ? CacheType::bfloat16 : asked;
}

// Blackwell's default kernels for sparse MLA in 8 bits read plain rows; the others have a scale per 128
// values and rope in 16 bits. GLM on consumer Blackwell keeps those.
bool uses_raw_sparse_layout(const Settings& settings, const Architecture& architecture,
                            const TargetDevice& device) {
  if (!uses_sparse_latent_attention(architecture) || settings.kv_cache_dtype != CacheType::fp8_e4m3)
    return false;
  if (device.backend == Backend::rocm) return true;
  const bool glm = architecture.model_type.starts_with("glm");
  return settings.release >= since::drafts_in_fraction && device.capability >= 100 &&
         !(glm && device.capability >= 120);
}

// By the default attention backend (get_default_attn_backend): TensorRT-LLM's kernels on data-center
// Blackwell want 64.
std::uint32_t default_page_size(const Settings& settings, const Architecture& architecture,
                                const TargetDevice& device) {
  if (has_attention<CompressedAttention>(architecture)) return 256;
  const bool data_center_blackwell = device.capability >= 100 && device.capability < 120;
  if (uses_sparse_latent_attention(architecture)) return device.backend == Backend::rocm ? 1 : 64;
  if (settings.release < since::sums_reserves || !data_center_blackwell) return 1;
  const std::string_view type = architecture.model_type;
  if (uses_latent_attention(architecture))
    return type == "deepseek_v3" || type == "kimi_k2" || type == "kimi_k25" ? 64 : 1;
  return settings.release >= since::prefill_graphs || type == "gpt_oss" ? 64 : 1;
}

void set_cache(Settings& settings, const Options& options, const Architecture& architecture,
               const TargetDevice& device) {
  settings.kv_cache_dtype = cache_type(options, architecture, device);
  settings.raw_sparse_layout = uses_raw_sparse_layout(settings, architecture, device);
  const std::uint32_t fixed = default_page_size(settings, architecture, device);
  settings.page_size = fixed > 1 ? fixed : options.page_size.value_or(1);
  if (settings.page_size == 0) refuse("--page-size needs at least 1 token");
  settings.radix_cache = !options.disable_radix_cache;
  if (has_attention<CompressedAttention>(architecture)) settings.swa_full_tokens_ratio = 0.1;
  const bool extra = settings.release >= since::extra_state_buffer && options.pp_size == 1 &&
                     is_one_of(architecture.model_type, extra_buffer_models);
  settings.state_slots_per_request = !settings.radix_cache ? 1 : extra ? 5 : 3;
}

// ---- batches

bool speculative(const Settings& settings) { return settings.drafts.method != Method::none; }

// Which models run without prefill graphs (disable_breakable_cudagraph_if_incompatible).
bool captures_prefill(const Settings& settings, const Options& options, const Architecture& architecture,
                      const TargetDevice& device) {
  return !options.disable_cuda_graph && device.backend == Backend::cuda && settings.parallel.pipeline == 1 &&
         !settings.multimodal && !has_attention<KimiDeltaAttention>(architecture) &&
         !has_attention<CompressedAttention>(architecture);
}

void set_batches(Settings& settings, const Options& options, const Architecture& architecture,
                 const TargetDevice& device, std::uint64_t mib) {
  settings.chunked_prefill_size =
      options.chunked_prefill_size.value_or(default_chunked_prefill_size(settings.release, mib));
  settings.cuda_graph_max_bs =
      options.cuda_graph_max_bs.value_or(default_cuda_graph_max_bs(settings.release, mib, tp_size(settings)));
  settings.decode_graphs = captured_batch_sizes(settings.cuda_graph_max_bs, speculative(settings));
  if (settings.release >= Release{0, 5, 9} && captures_prefill(settings, options, architecture, device))
    settings.prefill_graphs =
        captured_prefill_sizes(uses_latent_attention(architecture) ? 2048 : settings.chunked_prefill_size);
}

void disable_graphs(Settings& settings) { settings.cuda_graph_max_bs = settings.decode_graphs = 0; }

std::optional<std::uint32_t> running_requests(const Settings& settings, const Options& options,
                                              const Architecture& architecture) {
  std::optional<std::uint32_t> limit = options.max_running_requests;
  if (!limit && has_attention<CompressedAttention>(architecture)) limit = 256;
  if (!limit && speculative(settings)) limit = 48;
  if (limit) limit = *limit / settings.parallel.data;
  return limit;
}

// ---- the fraction

// AITER's kernels need workspace when sequences are long; this applies to a given fraction too.
double aiter_factor(const Settings& settings, const Architecture& architecture, const TargetDevice& device) {
  const bool aiter = device.backend == Backend::rocm && settings.release >= since::reserves_by_size &&
                     !uses_sparse_latent_attention(architecture) && architecture.model_type != "gemma4";
  return aiter && settings.context_length > 8192 ? 0.85 : 1;
}

void set_fraction(Settings& settings, const Options& options, const Architecture& architecture,
                  const TargetDevice& device, std::uint64_t mib) {
  if (options.mem_fraction_static && !(*options.mem_fraction_static > 0 && *options.mem_fraction_static < 1))
    refuse("--mem-fraction-static is a share of the GPU's memory, between 0 and 1");
  const bool multimodal_surcharge = settings.multimodal && settings.release < since::vision_factor;
  Fraction& fraction = settings.mem_fraction_static;
  if (options.mem_fraction_static)
    fraction = Fraction::exactly(*options.mem_fraction_static * (multimodal_surcharge ? 0.9 : 1));
  else
    fraction = default_mem_fraction_static(settings, architecture, mib);
  const double factor = aiter_factor(settings, architecture, device);
  fraction = {fraction.low * factor, fraction.best * factor, fraction.high * factor};
}

}  // namespace

bool uses_latent_attention(const Architecture& architecture) {
  return has_attention<LatentAttention>(architecture);
}

bool uses_sparse_latent_attention(const Architecture& architecture) {
  return std::ranges::any_of(architecture.blocks, [](const Block& block) {
    const auto* latent = std::get_if<LatentAttention>(&block.attention);
    return latent != nullptr && (latent->indexer || latent->sparse);
  });
}

bool has_recurrent_state(const Architecture& architecture) {
  return has_attention<GatedDeltaNet>(architecture) || has_attention<KimiDeltaAttention>(architecture) ||
         has_attention<Mamba1>(architecture) || has_attention<Mamba2>(architecture) ||
         has_attention<ParallelMamba2Attention>(architecture) ||
         has_attention<ShortConvolution>(architecture) || has_attention<LightningAttention>(architecture);
}

bool has_window_pool(const Architecture& architecture, const Release& release) {
  if (!is_one_of(architecture.model_type, window_pool_models)) return false;
  return !architecture.model_type.starts_with("llama4") || release >= Release{0, 5, 6};
}

Settings resolve(const Options& options, const Architecture& architecture, const TargetDevice& device,
                 std::uint64_t context_length, std::uint32_t gpus) {
  if (!architecture.causal) throw Error(ErrorCode::unsupported, "SGLang keeps no KV cache for an encoder");
  if (options.drafts.method == Method::draft_model)
    throw Error(ErrorCode::unsupported,
                "SGLang sizes the cache by the layers of a separate draft model, which are not known here; "
                "--speculative-algorithm EAGLE and NEXTN are");
  const std::uint64_t mib = device_mib(device);
  Settings settings;
  settings.release = options.release;
  settings.context_length = context_length;
  settings.drafts = options.drafts;
  settings.max_total_tokens = options.max_total_tokens;
  settings.multimodal = !architecture.towers.empty();
  set_parallel(settings, options, architecture, gpus);
  set_cache(settings, options, architecture, device);
  set_batches(settings, options, architecture, device, mib);
  settings.max_running_requests = running_requests(settings, options, architecture);

  // Before prefill graphs the reserve was the same with and without CUDA graphs.
  if (options.disable_cuda_graph && settings.release >= since::prefill_graphs) disable_graphs(settings);
  set_fraction(settings, options, architecture, device, mib);
  if (options.disable_cuda_graph) disable_graphs(settings);
  settings.chunked_prefill_size /= settings.parallel.data;
  if (settings.chunked_prefill_size % settings.page_size != 0)
    refuse(fmt::format("SGLang refuses --chunked-prefill-size {}: it must be a multiple of the page size {}",
                       settings.chunked_prefill_size, settings.page_size));
  return settings;
}

}  // namespace vramcalc::sglang
