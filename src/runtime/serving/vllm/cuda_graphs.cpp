#include "runtime/serving/vllm/cuda_graphs.hpp"

#include <algorithm>

#include "runtime/serving/vllm/defaults.hpp"

namespace vramcalc::vllm {
namespace {

bool has_windows(const Architecture& architecture) {
  return std::ranges::any_of(architecture.blocks, [](const Block& block) {
    const auto* grouped = std::get_if<GroupedQueryAttention>(&block.attention);
    return grouped != nullptr && grouped->window.has_value();
  });
}

// Medians of logs, by what a graph holds.
Bytes per_graph(const Architecture& architecture) {
  if (has_latent_attention(architecture)) return Bytes(70 * MiB);
  const bool plain = !has_experts(architecture) && !has_recurrent_layers(architecture) &&
                     !has_windows(architecture) && architecture.towers.empty();
  return Bytes((plain ? 12 : 20) * MiB);
}

constexpr std::uint32_t many_sizes = 20;
constexpr Bytes largest_seen{10 * GiB};

}  // namespace

Amount cuda_graphs(const Settings& settings, const Architecture& architecture) {
  if (settings.enforce_eager) return {};
  const Bytes middle = per_graph(architecture) * settings.capture_sizes;
  const std::uint64_t tenfold = settings.capture_sizes >= many_sizes ? 55 : 35;
  const Bytes high = std::min(Bytes(checked_multiply(middle.count(), tenfold) / 10), largest_seen);
  return {Bytes(middle.count() / 10), middle, std::max(middle, high)};
}

// The first graph of each mode is weighed alone, and that takes up to half a GiB however few sizes follow.
Amount graph_estimate(const Settings& settings, const Architecture& architecture) {
  if (!settings.graphs_in_budget) return {};
  Amount estimate = cuda_graphs(settings, architecture);
  estimate.high += Bytes(GiB / 2);
  return estimate;
}

}  // namespace vramcalc::vllm
