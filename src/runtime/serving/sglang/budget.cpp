#include "runtime/serving/sglang/budget.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "runtime/serving/less.hpp"
#include "runtime/serving/sglang/release.hpp"

namespace vramcalc::sglang {

using serving::less;

namespace {

Bytes bytes(double count) { return Bytes(count <= 0 ? 0 : static_cast<std::uint64_t>(count)); }
double count(Bytes bytes) { return static_cast<double>(bytes.count()); }

// CUDA context, NCCL and all-reduce buffers of one rank when the weights begin to load, in MiB: logs have 0.6
// to 0.8 GiB for one GPU and 1.7 to 1.9 for eight.
struct Overhead {
  std::uint32_t ranks;
  std::uint64_t low, best, high;
};
constexpr std::array overheads = {
    Overhead{1, 300,  620,  1000},
    Overhead{2, 600,  1100, 1700},
    Overhead{4, 800,  1400, 2200},
    Overhead{8, 1100, 1850, 2900}
};
constexpr Overhead unified_overhead{1, 512, 6144, 16384};  // the system's own memory is in it

Amount free_before_load(const Settings& settings, const Options& options, const TargetDevice& device) {
  if (options.free_memory) return Amount::exactly(*options.free_memory);
  const std::uint32_t ranks = tp_size(settings) * settings.parallel.pipeline;
  const Overhead* overhead = overheads.data();
  for (const Overhead& row : overheads)
    if (row.ranks <= ranks) overhead = &row;
  if (device.unified) overhead = &unified_overhead;
  const Bytes total =
      less(options.device_memory.value_or(device.total.count() != 0 ? device.total : device.driver_total),
           device.taken);
  return {less(total, Bytes(overhead->high * MiB)), less(total, Bytes(overhead->best * MiB)),
          less(total, Bytes(overhead->low * MiB))};
}

// The embedding cache of 100 MiB, and 1 GiB for the features of images where they are passed on the GPU,
// which was the default until CPU memory became it.
Amount multimodal_reserve(const Settings& settings) {
  constexpr Bytes cache(100 * MiB), with_features(1124 * MiB);
  if (!settings.multimodal || settings.release < since::drafts_in_fraction) return {};
  if (settings.release < since::features_on_cpu) return {Bytes(0), with_features, with_features};
  return {cache, cache, with_features};
}

Bytes pools(Bytes before, Bytes weights, double fraction, Bytes reserve) {
  return bytes(count(before) * fraction - count(weights) - count(reserve));
}

double least_fraction(Bytes weights, Bytes before) {
  return before.count() == 0 ? 1 : count(weights) / count(before);
}

}  // namespace

Budget memory_budget(const Settings& settings, const Options& options, const TargetDevice& device,
                     const Amount& weights) {
  Budget budget;
  budget.weights = weights;
  budget.free_before_load = free_before_load(settings, options, device);
  budget.multimodal_reserve = multimodal_reserve(settings);
  const Amount &before = budget.free_before_load, &reserve = budget.multimodal_reserve;
  const Fraction& fraction = settings.mem_fraction_static;
  budget.pools = {pools(before.low, weights.high, fraction.low, reserve.high),
                  pools(before.best, weights.best, fraction.best, reserve.best),
                  pools(before.high, weights.low, fraction.high, reserve.low)};
  if (options.available_kv_memory) budget.pools = Amount::exactly(*options.available_kv_memory);
  budget.outside = {bytes(count(before.low) * (1 - fraction.high)),
                    bytes(count(before.best) * (1 - fraction.best)),
                    bytes(count(before.high) * (1 - fraction.low))};
  budget.least_fraction = {least_fraction(weights.low, before.high),
                           least_fraction(weights.best, before.best),
                           least_fraction(weights.high, before.low)};
  return budget;
}

Bytes request_table(const Settings& settings, std::uint64_t max_running_requests) {
  const std::uint64_t positions = checked_add(settings.context_length, 4 + settings.drafts.tokens);
  return Bytes(checked_multiply(checked_multiply(max_running_requests + 1, positions), 4));
}

// ---- in words

namespace {

double up_to_thousandth(double value) { return std::ceil(value * 1000) / 1000; }

}  // namespace

std::string refusal(const Budget& budget, const Settings& settings) {
  if (budget.pools.high.count() != 0) return {};
  const double least = budget.least_fraction.best;
  if (least >= 1)
    return fmt::format(
        "the weights take {:.2f} GiB of the {:.2f} GiB that are free on each GPU; use more GPUs with --tp, "
        "or a "
        "smaller quantization",
        count(budget.weights.best) / GiB, count(budget.free_before_load.best) / GiB);
  const std::string_view says =
      settings.release >= since::drafts_in_fraction
          ? "Loaded weights leave no GPU memory for the KV cache under --mem-fraction-static={:.3f}."
          : "Not enough memory. Please try to increase --mem-fraction-static. Current value: {:.3f}.";
  return fmt::format("SGLang: \"{}\" Raise --mem-fraction-static above {:.3f}",
                     fmt::format(fmt::runtime(says), settings.mem_fraction_static.best),
                     up_to_thousandth(least));
}

std::string advice(const Budget& budget, const Settings& settings, const Amount& outside) {
  if (budget.pools.low.count() == 0) {
    const double least = up_to_thousandth(budget.least_fraction.high);
    return least >= 1 ? std::string("use more GPUs: the weights alone fill these")
                      : fmt::format("--mem-fraction-static {:.3f} is the smallest that surely starts", least);
  }
  if (outside.best <= budget.outside.best) return {};
  const double best = 1 - count(outside.best) / count(budget.free_before_load.best);
  return fmt::format(
      "activations and CUDA graphs may take more than the {:.2f} GiB outside the fraction: lower "
      "--mem-fraction-static to {:.2f}, --chunked-prefill-size below {} or "
      "--cuda-graph-max-bs below {}",
      count(budget.outside.best) / GiB, std::floor(best * 100) / 100, settings.chunked_prefill_size,
      settings.cuda_graph_max_bs);
}

}  // namespace vramcalc::sglang
