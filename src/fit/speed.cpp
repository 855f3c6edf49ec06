#include <fmt/format.h>

#include <algorithm>

#include "vramcalc/plan.hpp"

namespace vramcalc {
namespace {

// What generation reaches of the memory's bandwidth: 35 % (an A100 with 4-bit 8B) to 90 % (an RTX 4090, an M3
// Max with F16) for dense models with llama.cpp, and what every layer costs beside (launches): 0.05 to 0.1
// ms. Mixtures of experts reach about half (Qwen3-30B-A3B on an A100: 34 %). Published benchmarks of
// llama.cpp, 2024 to 2026.
constexpr Range bandwidth_reached{0.35, 0.90};
constexpr Range seconds_a_layer{50e-6, 100e-6};
constexpr double reached_with_experts = 0.5;  // at the low end

// What prompt processing reaches of the dense FP16 rate: 22 % (H100 PCIe) to 96 % (RTX 3090), the same
// benchmarks.
constexpr Range arithmetic_reached{0.20, 0.95};

// Host memory whose bandwidth nobody said: two channels of DDR4-2666 to two of DDR5-6400.
constexpr Range host_gbps{42.7, 102.4};

const MixtureOfExperts* first_experts(const Architecture& architecture) {
  for (const Block& block : architecture.blocks)
    if (const auto* experts = std::get_if<MixtureOfExperts>(&block.feed_forward)) return experts;
  return nullptr;
}

double used_of_experts(const Architecture& architecture) {
  const MixtureOfExperts* experts = first_experts(architecture);
  if (experts == nullptr || experts->experts == 0) return 1;
  return static_cast<double>(experts->experts_used) / experts->experts;
}

Bytes term_of(const DeviceEstimate& device, std::initializer_list<TermKind> kinds) {
  Bytes sum;
  for (const Term& term : device.terms)
    if (std::find(kinds.begin(), kinds.end(), term.kind) != kinds.end()) sum += term.amount.best;
  return sum;
}

double seconds(double bytes, double gbps) { return bytes / (gbps * 1e9); }

// Seconds that a token's reads take at full bandwidth, of the GPUs and of the host.
struct Reads {
  double gpus = 0;
  Range host;
  double host_bytes = 0, bytes = 0;
  bool known = true;
};

Reads reads_of(Estimator& estimator, const FileType& file_type, const Estimate& estimate,
               const Machine& machine, const Placement& placement) {
  const Architecture& architecture = estimator.model().architecture;
  const double share = active_share(architecture);
  const double all = static_cast<double>(estimate.gpu_term(TermKind::weights).best.count());
  Reads reads;
  double on_host_read = 0;
  const Bytes looked_up = estimator.weigh(file_type).host;
  for (const DeviceEstimate& device : estimate.devices) {
    if (device.device != "host") continue;
    const Bytes weights = term_of(device, {TermKind::weights});
    const double computed = weights > looked_up ? static_cast<double>((weights - looked_up).count()) : 0;
    on_host_read = computed * (placement.overrides.empty() ? share : used_of_experts(architecture));
    reads.host_bytes =
        on_host_read +
        static_cast<double>(term_of(device, {TermKind::kv_cache, TermKind::recurrent_state}).count());
    reads.host = {seconds(reads.host_bytes, host_gbps.high), seconds(reads.host_bytes, host_gbps.low)};
  }
  const double on_gpus =
      std::max(0.0, static_cast<double>(estimator.weigh(file_type).gpu.count()) * share - on_host_read);
  for (std::size_t i = 0; i < machine.devices.size(); ++i) {
    const DeviceEstimate& device = estimate.devices[i];
    const double weights = static_cast<double>(term_of(device, {TermKind::weights}).count());
    const double read =
        (all > 0 ? on_gpus * weights / all : 0) +
        static_cast<double>(term_of(device, {TermKind::kv_cache, TermKind::recurrent_state}).count());
    if (machine.devices[i].bandwidth_gbps <= 0) reads.known = false;
    reads.gpus += seconds(read, std::max(1e-9, machine.devices[i].bandwidth_gbps));
    reads.bytes += read;
  }
  return reads;
}

double low_share(const Architecture& architecture) {
  return bandwidth_reached.low * (first_experts(architecture) != nullptr ? reached_with_experts : 1);
}

std::optional<Range> prefill_of(const Architecture& architecture, const Estimate& estimate,
                                const Machine& machine) {
  const double all = static_cast<double>(estimate.gpu_term(TermKind::weights).best.count());
  const double flops = 2.0 * static_cast<double>(parameters_of(architecture).active);
  double time = 0;
  for (std::size_t i = 0; i < machine.devices.size(); ++i) {
    if (machine.devices[i].fp16_tflops <= 0) return std::nullopt;
    const double share = static_cast<double>(term_of(estimate.devices[i], {TermKind::weights}).count()) / all;
    time += flops * share / (machine.devices[i].fp16_tflops * 1e12);
  }
  if (time <= 0) return std::nullopt;
  return Range{arithmetic_reached.low / time, arithmetic_reached.high / time};
}

}  // namespace

double active_share(const Architecture& architecture) {
  const Parameters parameters = parameters_of(architecture);
  if (parameters.trunk == 0 || parameters.active == 0) return 1;
  return std::min(1.0, static_cast<double>(parameters.active) / static_cast<double>(parameters.trunk));
}

Range decode_range(Bytes weights_read, Bytes cache_read, double bandwidth_gbps,
                   const Architecture& architecture) {
  const double time = seconds(static_cast<double>((weights_read + cache_read).count()), bandwidth_gbps);
  const auto layers = static_cast<double>(architecture.blocks.size());
  return {1 / (time / low_share(architecture) + layers * seconds_a_layer.high),
          1 / (time / bandwidth_reached.high + layers * seconds_a_layer.low)};
}

Speed speed_of(Estimator& estimator, const FileType& file_type, const Estimate& estimate,
               const Machine& machine, const Placement& placement) {
  Speed speed;
  if (machine.devices.empty()) return speed;
  const Architecture& architecture = estimator.model().architecture;
  const Reads reads = reads_of(estimator, file_type, estimate, machine, placement);
  if (!reads.known) return speed;
  const auto layers = static_cast<double>(architecture.blocks.size());
  speed.decode =
      Range{1 / ((reads.gpus + reads.host.high) / low_share(architecture) + layers * seconds_a_layer.high),
            1 / ((reads.gpus + reads.host.low) / bandwidth_reached.high + layers * seconds_a_layer.low)};
  if (reads.host_bytes == 0) speed.prefill = prefill_of(architecture, estimate, machine);
  speed.why = fmt::format(
      "a token reads {:.1f} GB on the GPUs{} at {:.0f} to {:.0f} % of their bandwidth, and waits {:.0f} to "
      "{:.0f} "
      "us a layer",
      reads.bytes / 1e9,
      reads.host_bytes > 0
          ? fmt::format(" and {:.1f} GB in host memory (assumed to give {:.0f} to {:.0f} GB/s)",
                        reads.host_bytes / 1e9, host_gbps.low, host_gbps.high)
          : "",
      100 * low_share(architecture), 100 * bandwidth_reached.high, 1e6 * seconds_a_layer.low,
      1e6 * seconds_a_layer.high);
  return speed;
}

}  // namespace vramcalc
