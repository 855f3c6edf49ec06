#include "runtime/llama_cpp/speed.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

namespace vramcalc::llama_cpp {
namespace {

// The share of memory bandwidth that generation reaches with dense models, 35 % (an A100 with 4-bit 8B) to
// 90 % (an RTX 4090, an M3 Max with F16), and the overhead of launches. Mixtures of experts reach about half
// (Qwen3-30B-A3B on an A100: 34 %). From published benchmarks of llama.cpp, 2024 to 2026.
constexpr Range bandwidth_reached{0.35, 0.90};
constexpr Range seconds_per_layer{50e-6, 100e-6};
constexpr double reached_with_experts = 0.5;  // at the low end

// The share of the dense FP16 rate that prompt processing reaches: 22 % (H100 PCIe) to 96 % (RTX 3090) in the
// same benchmarks.
constexpr Range arithmetic_reached{0.20, 0.95};

// Assumed bandwidth of host memory: two channels of DDR4-2666 to two of DDR5-6400.
constexpr Range host_gbps{42.7, 102.4};

const MixtureOfExperts* first_experts(const Architecture& architecture) {
  for (const Block& block : architecture.blocks)
    if (const auto* experts = std::get_if<MixtureOfExperts>(&block.feed_forward)) return experts;
  return nullptr;
}

// The layers that a token passes through; those of multi-token prediction are not loaded.
double layers_of(const Architecture& architecture) {
  return static_cast<double>(std::count_if(architecture.blocks.begin(), architecture.blocks.end(),
                                           [](const Block& block) { return !block.mtp; }));
}

double used_of_experts(const Architecture& architecture) {
  const MixtureOfExperts* experts = first_experts(architecture);
  if (experts == nullptr || experts->experts == 0) return 1;
  return static_cast<double>(experts->experts_used) / experts->experts;
}

Bytes term_of(const PlaceEstimate& device, std::initializer_list<TermKind> kinds) {
  Bytes sum;
  for (const Term& term : device.terms)
    if (std::find(kinds.begin(), kinds.end(), term.kind) != kinds.end()) sum += term.amount.best;
  return sum;
}

double cache_of(const PlaceEstimate& device) {
  return static_cast<double>(term_of(device, {TermKind::kv_cache, TermKind::recurrent_state}).count());
}

// The device's share of all weights on the GPUs.
double share_of_weights(const PlaceEstimate& device, const Estimate& estimate) {
  const double all = static_cast<double>(estimate.gpu_term(TermKind::weights).best.count());
  return all > 0 ? static_cast<double>(term_of(device, {TermKind::weights}).count()) / all : 0;
}

double seconds(double bytes, double gbps) { return bytes / (gbps * 1e9); }

// What one token reads from a device's memory.
struct DeviceReads {
  double weights = 0, cache = 0;  // bytes
  double gbps = 0;                // 0: unknown
  double bytes() const { return weights + cache; }
};

struct Reads {
  std::vector<DeviceReads> gpus;
  DeviceReads host;

  bool known() const {
    return std::all_of(gpus.begin(), gpus.end(), [](const DeviceReads& each) { return each.gbps > 0; });
  }
  double gpu_bytes() const {
    return std::accumulate(gpus.begin(), gpus.end(), 0.0,
                           [](double sum, const DeviceReads& each) { return sum + each.bytes(); });
  }
  // At full bandwidth, one GPU after the other.
  double gpu_seconds() const {
    return std::accumulate(gpus.begin(), gpus.end(), 0.0, [](double sum, const DeviceReads& each) {
      return sum + seconds(each.bytes(), std::max(1e-9, each.gbps));
    });
  }
};

DeviceReads host_reads(const Architecture& architecture, const PlaceEstimate& host, Bytes looked_up,
                       const Placement& placement) {
  const Bytes weights = term_of(host, {TermKind::weights});
  const double computed = weights > looked_up ? static_cast<double>((weights - looked_up).count()) : 0;
  const double share =
      placement.overrides.empty() ? active_share(architecture) : used_of_experts(architecture);
  return {computed * share, cache_of(host), 0};
}

Reads reads_of(const SpeedQuestion& asked) {
  const auto& [architecture, weights, context, estimate, machine, placement] = asked;
  Reads reads;
  for (const PlaceEstimate& device : estimate.places)
    if (device.place.is_host()) reads.host = host_reads(architecture, device, weights.host, placement);
  const double on_gpus = std::max(
      0.0, static_cast<double>(weights.gpu.count()) * active_share(architecture) - reads.host.weights);
  for (std::size_t i = 0; i < machine.devices.size(); ++i) {
    const PlaceEstimate& device = estimate.places[i];
    reads.gpus.push_back(
        {on_gpus * share_of_weights(device, estimate), cache_of(device), machine.devices[i].bandwidth_gbps});
  }
  return reads;
}

double low_share(const Architecture& architecture) {
  return bandwidth_reached.low * (first_experts(architecture) != nullptr ? reached_with_experts : 1);
}

double flops_of(const Architecture& architecture) {
  return 2.0 * static_cast<double>(parameters_of(architecture).active);
}

std::optional<Range> prefill_of(const Architecture& architecture, const Estimate& estimate,
                                const Machine& machine) {
  double time = 0;
  for (std::size_t i = 0; i < machine.devices.size(); ++i) {
    if (machine.devices[i].fp16_tflops <= 0) return std::nullopt;
    time += flops_of(architecture) * share_of_weights(estimate.places[i], estimate) /
            (machine.devices[i].fp16_tflops * 1e12);
  }
  if (time <= 0) return std::nullopt;
  return Range{arithmetic_reached.low / time, arithmetic_reached.high / time};
}

Range decode_of(const Architecture& architecture, const Reads& reads) {
  const auto layers = layers_of(architecture);
  const auto at = [&](double host_gbps_reached, double reached, double per_layer) {
    const double full = reads.gpu_seconds() + seconds(reads.host.bytes(), host_gbps_reached);
    return 1 / (full / reached + layers * per_layer);
  };
  return {at(host_gbps.low, low_share(architecture), seconds_per_layer.high),
          at(host_gbps.high, bandwidth_reached.high, seconds_per_layer.low)};
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
  const auto layers = layers_of(architecture);
  return {1 / (time / low_share(architecture) + layers * seconds_per_layer.high),
          1 / (time / bandwidth_reached.high + layers * seconds_per_layer.low)};
}

Speed speed_of(const SpeedQuestion& asked) {
  const auto& [architecture, weights, context, estimate, machine, placement] = asked;
  Speed speed;
  if (machine.devices.empty()) return speed;
  const Reads reads = reads_of(asked);
  if (!reads.known()) {
    speed.why = "the memory bandwidth is unknown";
    return speed;
  }
  speed.decode = decode_of(architecture, reads);
  if (reads.host.bytes() == 0 && context <= longest_estimated_prompt)
    speed.prefill = prefill_of(architecture, estimate, machine);
  speed.why = fmt::format(
      "a token reads {:.1f} GB on the GPUs{} at {:.0f} to {:.0f} % of their bandwidth, and waits {:.0f} to "
      "{:.0f} us per layer",
      reads.gpu_bytes() / 1e9,
      reads.host.bytes() > 0
          ? fmt::format(" and {:.1f} GB in host memory (assumed to give {:.0f} to {:.0f} GB/s)",
                        reads.host.bytes() / 1e9, host_gbps.low, host_gbps.high)
          : "",
      100 * low_share(architecture), 100 * bandwidth_reached.high, 1e6 * seconds_per_layer.low,
      1e6 * seconds_per_layer.high);
  return speed;
}

namespace {

constexpr const char* benchmarks = "published benchmarks of llama.cpp, 2024 to 2026";

std::string gigabytes(double bytes) { return fmt::format("{:.2f} GB", bytes / 1e9); }
std::string percent(const Range& range) {
  return fmt::format("{:.0f} to {:.0f} %", 100 * range.low, 100 * range.high);
}

Ingredient active_weights(const Architecture& architecture) {
  const Parameters parameters = parameters_of(architecture);
  const std::string share = fmt::format("{:.1f} % of the weights", 100 * active_share(architecture));
  return {"active parameters",
          fmt::format("{} of {}, {}", grouped(parameters.active), grouped(parameters.trunk), share),
          Origin::shape, "shapes of the tensors that one token uses"};
}

void add_reads(std::vector<Ingredient>& to, const std::string& device, const DeviceReads& reads) {
  to.push_back({device + " reads",
                fmt::format("{} of weights, {} of cache", gigabytes(reads.weights), gigabytes(reads.cache)),
                Origin::derived, "its share of the active weights, all of its cache at this context"});
}

Explanation of_decode(const Architecture& architecture, const Reads& reads, const Machine& machine) {
  Explanation why;
  why.formula =
      "1 / (bytes that a token reads / (bandwidth × share reached), one device after the other, + "
      "layers × wait)";
  why.ingredients.push_back(active_weights(architecture));
  for (std::size_t i = 0; i < reads.gpus.size(); ++i) {
    const std::string device = to_string(Place::gpu(i));
    add_reads(why.ingredients, device, reads.gpus[i]);
    why.ingredients.push_back(
        {device + " bandwidth",
         reads.gpus[i].gbps > 0 ? fmt::format("{:.0f} GB/s", reads.gpus[i].gbps) : "unknown", Origin::derived,
         "hardware catalog: " + machine.devices[i].name});
  }
  if (reads.host.bytes() > 0) {
    add_reads(why.ingredients, to_string(Place::host()), reads.host);
    why.ingredients.push_back({"host bandwidth",
                               fmt::format("{:.0f} to {:.0f} GB/s", host_gbps.low, host_gbps.high),
                               Origin::derived, "assumed: two channels of DDR4-2666 to two of DDR5-6400"});
  }
  why.ingredients.push_back({"share reached", percent({low_share(architecture), bandwidth_reached.high}),
                             Origin::derived, benchmarks});
  why.ingredients.push_back(
      {"layers", fmt::format("{:.0f}", layers_of(architecture)), Origin::shape, "num_hidden_layers"});
  why.ingredients.push_back({"wait",
                             fmt::format("{:.0f} to {:.0f} us per layer", 1e6 * seconds_per_layer.low,
                                         1e6 * seconds_per_layer.high),
                             Origin::derived, benchmarks});
  why.rule =
      "an estimate for one sequence, not a bound: small models on fast GPUs have been measured above it";
  return why;
}

Explanation of_prefill(const Architecture& architecture, const Reads& reads, const Estimate& estimate,
                       const Machine& machine) {
  Explanation why;
  why.formula = "share reached / sum over the GPUs of (2 × active parameters × share of the weights / peak)";
  if (reads.host.bytes() > 0) why.formula = "unknown when the host takes part, since it depends on the bus";
  why.ingredients.push_back(active_weights(architecture));
  why.ingredients.push_back({"arithmetic of a token",
                             fmt::format("{:.1f} GFLOP", flops_of(architecture) / 1e9), Origin::derived,
                             "a multiplication and an addition per parameter"});
  for (std::size_t i = 0; i < machine.devices.size(); ++i) {
    const double peak = machine.devices[i].fp16_tflops;
    const std::string known = peak > 0 ? fmt::format("{:.0f} TFLOPS", peak) : "unknown";
    why.ingredients.push_back({fmt::format("gpu{} peak", i),
                               fmt::format("{} (dense FP16), with {:.1f} % of the weights", known,
                                           100 * share_of_weights(estimate.places[i], estimate)),
                               Origin::derived, "hardware catalog: " + machine.devices[i].name});
  }
  why.ingredients.push_back({"share reached", percent(arithmetic_reached), Origin::derived, benchmarks});
  why.rule = fmt::format("an estimate for a prompt of at most {} tokens, without the work of attention",
                         grouped(longest_estimated_prompt));
  return why;
}

}  // namespace

std::vector<ExplainedSpeed> explain_speed(const SpeedQuestion& asked) {
  const auto& [architecture, weights, context, estimate, machine, placement] = asked;
  if (machine.devices.empty()) return {};
  const Reads reads = reads_of(asked);
  const Speed speed = speed_of(asked);
  std::vector<ExplainedSpeed> explained;
  explained.push_back({"decode", speed.decode, of_decode(architecture, reads, machine)});
  if (context <= longest_estimated_prompt)
    explained.push_back({"prefill", speed.prefill, of_prefill(architecture, reads, estimate, machine)});
  return explained;
}

}  // namespace vramcalc::llama_cpp
