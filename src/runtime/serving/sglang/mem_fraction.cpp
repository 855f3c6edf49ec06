#include "runtime/serving/sglang/mem_fraction.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

#include "runtime/serving/sglang/release.hpp"

namespace vramcalc::sglang {
namespace {

using Method = serving::Drafts::Method;

double thousandths(double value) { return std::round(value * 1000) / 1000; }

double share_left(double reserved_mib, std::uint64_t mib) {
  return thousandths((static_cast<double>(mib) - reserved_mib) / static_cast<double>(mib));
}

// Up to 0.4.6, by the number of GPUs alone.
double fraction_by_tensor_parallel(std::uint32_t tp_size) {
  if (tp_size >= 16) return 0.79;
  if (tp_size >= 8) return 0.81;
  if (tp_size >= 4) return 0.85;
  return tp_size >= 2 ? 0.87 : 0.88;
}

// 0.4.7 to 0.5.2, in MiB.
double reserved_by_size(const Settings& settings, std::uint64_t mib) {
  const double ranks = tp_size(settings) * settings.parallel.pipeline;
  double gib = 32;
  if (mib < 35 * 1024)
    gib = 2.8 + ranks / 10;
  else if (mib < 90 * 1024)
    gib = 9.5 + ranks / 2;
  else if (mib < 160 * 1024)
    gib = 12 + ranks / 2;
  const Method drafts = settings.drafts.method;
  if (drafts == Method::draft_model) gib += 6;
  if (drafts == Method::mtp || drafts == Method::eagle) gib += 2;
  if (settings.parallel.data > 1) gib += 4;
  return gib * 1024;
}

// From 0.5.3, in MiB, for this many prefill graphs and this much for draft models.
double summed_reserves(const Settings& settings, const Architecture& architecture, std::uint64_t mib,
                       bool prefill_graphs, double drafts_mib) {
  const double max_bs = settings.cuda_graph_max_bs, data = settings.parallel.data;
  const std::uint32_t chunk =
      settings.chunked_prefill_size == 0 ? 16384 : settings.chunked_prefill_size;  // max_prefill_tokens
  double reserved = 512 + 1.5 * std::max<std::uint32_t>(chunk, 2048) +
                    1024.0 * tp_size(settings) * settings.parallel.pipeline / 8 + 2 * max_bs;
  if (settings.parallel.data > 1) reserved += max_bs * data * (max_bs > 300 ? 4.5 : 3);
  if (prefill_graphs && settings.prefill_graphs != 0)
    reserved += uses_latent_attention(architecture) ? 1536 : 8.0 * settings.prefill_graphs;
  if (mib > 60 * 1024) reserved = std::max(reserved, 10.0 * 1024);
  return reserved + drafts_mib;
}

// Up to 0.5.10 draft models lie outside the fraction. EAGLE's surcharge grew from 2 to 4 GiB before it was
// dropped, in 0.5.9 or 0.5.10.
struct DraftReserve {
  double least = 0, most = 0;  // MiB
};
DraftReserve draft_reserve(const Settings& settings) {
  if (settings.release >= since::drafts_in_fraction) return {};
  const Method method = settings.drafts.method;
  if (method == Method::draft_model) return {6 * 1024, 6 * 1024};
  if (method != Method::mtp && method != Method::eagle) return {};
  return {
      2 * 1024, settings.release < Release{0, 5, 9}
           ? 2 * 1024.0 : 4 * 1024.0
  };
}

Fraction fraction_by_sum(const Settings& settings, const Architecture& architecture, std::uint64_t mib) {
  const bool graphs = settings.release >= since::prefill_graphs;
  const bool maybe_graphs = graphs || settings.release >= Release{0, 5, 9};
  const DraftReserve drafts = draft_reserve(settings);
  const auto fraction = [&](bool with_graphs, double drafts_mib) {
    return share_left(summed_reserves(settings, architecture, mib, with_graphs, drafts_mib), mib);
  };
  return {fraction(maybe_graphs, drafts.most), fraction(graphs, drafts.least),
          fraction(graphs, drafts.least)};
}

// The fields of vision_config that SGLang reads: num_hidden_layers (24 if there is none) and hidden_size
// (1024 if there is none). Qwen's configs call the layers `depth`, and Kimi's name neither.
struct VisionConfig {
  std::string_view model_type;
  double layers = 24, hidden_size = 1024;
};
constexpr std::array vision_configs = {
    VisionConfig{"gemma3",       27, 1152},
    VisionConfig{"gemma4",       27, 1152},
    VisionConfig{"kimi_k25",     24, 1024},
    VisionConfig{"lfm2_vl",      27, 1152},
    VisionConfig{"llama4",       34, 1408},
    VisionConfig{"mistral3",     24, 1024},
    VisionConfig{"qwen2_5_vl",   24, 1280},
    VisionConfig{"qwen3_5_moe",  24, 1152},
    VisionConfig{"qwen3_vl_moe", 24, 1152}
};

// The size of the tower in units of ViT-L/14, for 12 × hidden² parameters per layer.
double relative_size(std::uint64_t parameters) {
  return static_cast<double>(parameters) / 12 / (24 * 1024.0 * 1024);
}

double factor_of(double relative) { return 0.95 * std::clamp(1 - 0.1 * (relative - 1), 0.8, 1.05); }

}  // namespace

std::uint64_t device_mib(const TargetDevice& device) {
  return (device.driver_total.count() != 0 ? device.driver_total : device.total).count() / MiB;
}

std::uint32_t default_chunked_prefill_size(const Release& release, std::uint64_t mib) {
  if (mib == 0) return 4096;
  if (release < since::reserves_by_size) return mib < 25'000 ? 2048 : 8192;
  if (mib < 20 * 1024) return 2048;
  if (mib < 35 * 1024) return release >= since::larger_batches_at_32_gib ? 4096 : 2048;
  if (mib < 60 * 1024) return release >= since::sums_reserves ? 4096 : 8192;
  return mib < 160 * 1024 ? 8192 : 16384;
}

std::uint32_t default_cuda_graph_max_bs(const Release& release, std::uint64_t mib, std::uint32_t tp_size) {
  const bool few = tp_size < 4;
  if (mib == 0) return 160;
  if (release < since::sums_reserves) {
    const std::uint64_t small = release < since::reserves_by_size ? 25'000 : 35 * 1024;
    return mib < small ? (few ? 8 : 80) : 160;
  }
  if (mib < 20 * 1024) return 8;
  if (mib < 35 * 1024) {
    if (release >= since::larger_batches_at_32_gib) return few ? 48 : 160;
    return few ? 24 : 80;
  }
  if (mib < 60 * 1024) return few ? 32 : 160;
  return mib < 160 * 1024 && few ? 256 : 512;
}

namespace {

// Numbers first, first + step … up to both bounds.
std::uint32_t steps(std::uint32_t first, std::uint32_t last, std::uint32_t step, std::uint32_t bound) {
  const std::uint32_t end = std::min(last, bound);
  return end < first ? 0 : (end - first) / step + 1;
}

}  // namespace

std::uint32_t captured_batch_sizes(std::uint32_t max_bs, bool speculative) {
  if (speculative)
    return steps(1, 8, 1, max_bs) + steps(10, 32, 2, max_bs) + steps(40, 64, 4, max_bs) +
           steps(72, 256, 8, max_bs) + steps(272, max_bs, 16, max_bs);
  return steps(1, 2, 1, max_bs) + steps(4, 12, 4, max_bs) + steps(16, 256, 8, max_bs) +
         steps(272, 511, 16, max_bs) + steps(512, max_bs, 32, max_bs);
}

std::uint32_t captured_prefill_sizes(std::uint32_t max_tokens) {
  return steps(4, 32, 4, max_tokens) + steps(48, 256, 16, max_tokens) + steps(288, 512, 32, max_tokens) +
         steps(576, 1024, 64, max_tokens) + steps(1280, 4096, 256, max_tokens) +
         steps(4608, max_tokens, 512, max_tokens);
}

Fraction vision_factor(const Architecture& architecture) {
  for (const VisionConfig& config : vision_configs)
    if (architecture.model_type == config.model_type && !architecture.per_layer_input)
      return Fraction::exactly(
          factor_of(config.layers * config.hidden_size * config.hidden_size / (24 * 1024.0 * 1024)));
  std::uint64_t parameters = 0;
  for (const Tower& tower : architecture.towers)
    if (tower.kind.starts_with("vision")) parameters += tower.parameters;
  const double relative = relative_size(parameters);
  // The config may name the layers and the width otherwise than SGLang expects, which then assumes ViT-L/14.
  return {factor_of(std::max(1.6 * relative, 1.0)), factor_of(relative),
          factor_of(std::min(0.5 * relative, 1.0))};
}

Fraction default_mem_fraction_static(const Settings& settings, const Architecture& architecture,
                                     std::uint64_t mib) {
  Fraction fraction;
  if (settings.release < since::reserves_by_size)
    fraction = Fraction::exactly(fraction_by_tensor_parallel(tp_size(settings)));
  else if (mib == 0)
    fraction = Fraction::exactly(settings.release >= since::larger_batches_at_32_gib ? 0.95 : 0.88);
  else if (settings.release < since::sums_reserves)
    fraction = Fraction::exactly(share_left(reserved_by_size(settings, mib), mib));
  else
    fraction = fraction_by_sum(settings, architecture, mib);
  if (!settings.multimodal) return fraction;
  const Fraction factor =
      settings.release < since::vision_factor ? Fraction::exactly(0.9) : vision_factor(architecture);
  return {fraction.low * factor.low, fraction.best * factor.best, fraction.high * factor.high};
}

}  // namespace vramcalc::sglang
