#include "runtime/serving/vllm/budget.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "runtime/serving/less.hpp"
#include "runtime/serving/vllm/activation.hpp"
#include "runtime/serving/vllm/cuda_graphs.hpp"
#include "runtime/serving/vllm/non_torch.hpp"
#include "runtime/serving/vllm/refusals.hpp"

namespace vramcalc::vllm {
namespace {

using serving::less;

Bytes device_total(const Options& options, const TargetDevice& device) {
  if (options.device_memory) return *options.device_memory;
  return device.total > Bytes() ? device.total : device.driver_total;
}

// Drivers and boards of one GPU's name differ by as much (H100: 79.18 to 79.33 GiB).
Bytes doubt_about_total(const Options& options, Bytes requested) {
  return options.device_memory ? Bytes() : Bytes(requested.count() / 500);
}

Bytes requested_of(Bytes total, double utilization) {
  return Bytes(static_cast<std::uint64_t>(std::ceil(static_cast<double>(total.count()) * utilization)));
}

Amount free_of(const Settings& settings, const Options& options, const TargetDevice& device, Bytes total) {
  if (options.free_memory) return Amount::exactly(*options.free_memory);
  const Amount taken = before_start(settings) + Amount::exactly(device.taken);
  return {less(total, taken.high), less(total, taken.best), less(total, taken.low)};
}

Bytes costs_of(const Budget& budget) {
  return budget.weights.best + budget.activation_peak.best + budget.non_torch.best +
         budget.graph_estimate.best;
}

// Of everything but the cache. The bounds of the terms are added: few logs show more than one term at once,
// so nothing says that their deviations are independent.
Amount costs_within(const Budget& budget, Bytes doubt) {
  const Amount sum = budget.weights + budget.activation_peak + budget.non_torch + budget.graph_estimate;
  return {less(sum.low, doubt), sum.best, sum.high + doubt};
}

Amount available_of(const Budget& budget) {
  return {less(budget.requested, budget.costs.high), less(budget.requested, budget.costs.best),
          less(budget.requested, budget.costs.low)};
}

// The costs that leave exactly this much cache.
Amount costs_beside(Bytes requested, Bytes cache) { return Amount::exactly(less(requested, cache)); }

std::string refusal_of_fixed_cache(Bytes cache, const Budget& budget) {
  if (cache + budget.weights.low <= budget.device_total) return "";
  return fmt::format(
      "CUDA out of memory. --kv-cache-memory-bytes asks for {} bytes, and the weights take {} of the GPU's "
      "{}. "
      "Ask for less",
      grouped(cache.count()), grouped(budget.weights.best.count()), grouped(budget.device_total.count()));
}

// Nothing is known of what else runs where the GPU shares the host's memory.
bool knows_free(const Options& options, const TargetDevice& device) {
  return options.free_memory.has_value() || device.taken > Bytes() || !device.unified;
}

std::string refusal_of(const Budget& budget, const Settings& settings, const Options& options,
                       const TargetDevice& device) {
  if (knows_free(options, device) && budget.free.high < budget.requested && !options.available_kv_memory)
    return refusal_of_free_memory(budget.free.best, budget.device_total, settings.gpu_memory_utilization,
                                  budget.requested);
  if (options.kv_cache_memory_bytes) return refusal_of_fixed_cache(*options.kv_cache_memory_bytes, budget);
  return budget.available_kv.high == Bytes() ? refusal_of_cache() : "";
}

}  // namespace

Profiled profiled(const Settings& settings, const Options& options, const Architecture& architecture) {
  return {activation_peak(settings, options, architecture), graph_estimate(settings, architecture),
          cuda_graphs(settings, architecture)};
}

Budget budget_of(const Settings& settings, const Options& options, const Profiled& profiled,
                 const TargetDevice& device, const Amount& weights) {
  Budget budget;
  budget.device_total = device_total(options, device);
  budget.requested = requested_of(budget.device_total, settings.gpu_memory_utilization);
  budget.free = free_of(settings, options, device, budget.device_total);
  budget.weights = weights;
  budget.activation_peak = profiled.activation_peak;
  budget.non_torch = non_torch(settings, device);
  budget.graph_estimate = profiled.graph_estimate;
  budget.cuda_graphs = profiled.cuda_graphs;
  budget.costs = costs_within(budget, doubt_about_total(options, budget.requested));
  budget.available_kv = available_of(budget);
  budget.shortfall = less(costs_of(budget), budget.requested);
  if (options.kv_cache_memory_bytes) budget.available_kv = Amount::exactly(*options.kv_cache_memory_bytes);
  if (options.available_kv_memory) {
    budget.available_kv = Amount::exactly(*options.available_kv_memory);
    budget.costs = costs_beside(budget.requested, *options.available_kv_memory);
  }
  budget.refusal = refusal_of(budget, settings, options, device);
  return budget;
}

std::optional<double> smallest_utilization(const Budget& budget, Bytes cache) {
  const Bytes needed = costs_of(budget) + cache;
  if (needed > budget.device_total) return std::nullopt;
  const double share = static_cast<double>(needed.count()) / static_cast<double>(budget.device_total.count());
  return std::min(1.0, std::ceil(share * 100) / 100);
}

std::optional<Bytes> rest_after_graphs(const Budget& budget) {
  const Bytes taken = budget.graph_estimate.best > Bytes() ? Bytes() : budget.cuda_graphs.best;
  const Bytes outside = less(budget.free.best, budget.requested);
  return outside >= taken ? std::optional(outside - taken) : std::nullopt;
}

}  // namespace vramcalc::vllm
