#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "speed/calibration.hpp"
#include "speed/work.hpp"

namespace vramcalc::speed {
namespace {

// No cache is this much faster than the memory behind it (an H100's L2 is twice, an RTX 4090's five times as
// fast).
constexpr double cache_over_memory = 10;

// The gain from several GPUs that compute the batches of a prompt one after another, as a power of what it
// would be if none of them ever waited.
constexpr double pipeline_gain = 0.6;

// Devices that share each matrix add up their results twice per layer, in 10 to 20 us each (NCCL's latency);
// a hop takes some 100.
constexpr double hops_of_reduction = 0.3;

double rate(const Device& device) { return device.bandwidth_gbps * 1e9; }

// The tensor cores of Hopper and of the data centers' Blackwell reach their peak only with instructions that
// llama.cpp does not use (wgmma, tcgen05); with its own (mma) a Hopper reaches 62 % ("Benchmarking and
// Dissecting the Nvidia Hopper GPU Architecture via Microbenchmarking", 2024).
double reached_by_mma(const Device& device) {
  const std::uint32_t capability = device.target.capability;
  return capability >= 90 && capability < 110 ? 0.62 : 1;
}

double peak(const Device& device) { return device.fp16_tflops * 1e12 * reached_by_mma(device); }

bool all_have(const Work& work, double Device::*figure) {
  return std::ranges::all_of(work.devices,
                             [&](const DeviceShare& share) { return share.device->*figure > 0; });
}

// One device after another, or several at the same time.
double together(const Work& work, const std::vector<double>& seconds) {
  if (work.at_once > 1 && work.at_once >= seconds.size())
    return seconds.empty() ? 0 : *std::ranges::max_element(seconds);
  return std::accumulate(seconds.begin(), seconds.end(), 0.0) / std::max(1u, work.at_once);
}

double bytes_on(const DeviceShare& share, const TokenWork& token) {
  return share.dense * token.dense + share.experts * token.experts + share.cache * token.cache;
}

// ---- decode

bool lacks_tensor_cores(const Device& device) { return family_of(device) == "cuda, no tensor cores"; }

double share_of_matrices(const DeviceShare& share, const TokenWork& token) {
  const double all = token.dense + token.experts;
  return all > 0 ? (share.dense * token.dense + share.experts * token.experts) / all : 0;
}

DecodeParts decode_parts_on(const DeviceShare& share, const TokenWork& token) {
  DecodeParts parts{};
  const Device& device = *share.device;
  const auto at = [&](DecodePart which, double bytes) { part(parts, which) = bytes / rate(device); };
  at(DecodePart::dense, share.dense * (token.dense - token.low_bit));
  at(DecodePart::low_bit, share.dense * token.low_bit);
  at(DecodePart::experts, share.experts * (token.experts - token.half_experts));
  at(DecodePart::half_experts, share.experts * token.half_experts);
  at(DecodePart::cache, share.cache * token.cache);
  part(parts, DecodePart::layers) = share.layers * token.layers;
  part(parts, DecodePart::recurrent_layers) = share.layers * token.recurrent_layers;
  part(parts, DecodePart::expert_layers) = share.layers * token.expert_layers;
  if (lacks_tensor_cores(device) && device.fp16_tflops > 0)
    part(parts, DecodePart::arithmetic) = share_of_matrices(share, token) * token.matrix_flops / peak(device);
  return parts;
}

// Of several devices, what is known of the one of which least is known.
struct Widest {
  SpeedBasis basis = SpeedBasis::this_card;
  Spread spread{1, 1};

  void add(SpeedBasis of, const Spread& its) {
    basis = std::max(basis, of);
    spread = {std::min(spread.low, its.low), std::max(spread.high, its.high)};
  }
};

SpeedEstimate with_spread(double seconds, const Spread& spread, SpeedBasis basis) {
  return {
      {spread.low / seconds, spread.high / seconds},
      basis
  };
}

std::optional<double> ceiling_of(const Work& work) {
  if (work.host > 0 || work.devices.empty() || !work.token.generates) return std::nullopt;
  if (!all_have(work, &Device::bandwidth_gbps)) return std::nullopt;
  std::vector<double> least;
  for (const DeviceShare& share : work.devices) {
    const double bytes = bytes_on(share, work.token);
    const double cached = std::min(bytes, static_cast<double>(share.device->last_level_cache.count()));
    least.push_back((bytes - cached + cached / cache_over_memory) / rate(*share.device));
  }
  const double seconds = together(work, least);
  return seconds > 0 ? std::optional(1 / seconds) : std::nullopt;
}

SpeedEstimate below(const std::optional<double>& ceiling, SpeedEstimate estimate) {
  Range& range = estimate.tokens_per_second;
  if (ceiling) range = {std::min(range.low, *ceiling), std::min(range.high, *ceiling)};
  return estimate;
}

// The seconds of all devices; empty if the coefficients of one are unknown.
template <std::size_t count>
std::optional<double> seconds_of(const Work& work, const std::vector<Parts<count>>& parts,
                                 Found<count> (*find)(const Work&, std::size_t), Widest& widest) {
  std::vector<double> seconds_on;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const Found<count> found = find(work, i);
    if (found.coefficients == nullptr) return std::nullopt;
    seconds_on.push_back(seconds(parts[i], *found.coefficients));
    widest.add(found.basis, found.spread);
  }
  return together(work, seconds_on);
}

// ---- prefill

// Of `batches` that pass through `devices`.
double pipeline_speedup(double batches, double devices) {
  return std::pow(batches * devices / (batches + devices - 1), pipeline_gain);
}

PrefillParts prefill_parts_on(const DeviceShare& share, const PromptWork& prompt) {
  PrefillParts parts{};
  const Device& device = *share.device;
  const double batch = static_cast<double>(prompt.batch);
  const double weights = (share.dense + share.experts) / 2;
  const auto at = [&](PrefillPart which, double flops) { part(parts, which) = flops / peak(device); };
  at(prompt.half ? PrefillPart::half : PrefillPart::quantized, share.dense * prompt.dense_flops);
  at(prompt.half_experts ? PrefillPart::half_experts : PrefillPart::experts,
     share.experts * prompt.expert_flops);
  if (prompt.tokens_per_expert > 0)
    at(PrefillPart::few_tokens, share.experts * prompt.expert_flops / prompt.tokens_per_expert);
  at(PrefillPart::attention, share.cache * prompt.attention_flops);
  part(parts, PrefillPart::cache) = share.cache * prompt.cache / rate(device);
  part(parts, PrefillPart::weights) = weights * prompt.weights / rate(device) / batch;
  part(parts, PrefillPart::layers) = share.layers * prompt.layers / batch;
  return parts;
}

std::optional<SpeedEstimate> prefill_of(const Work& work) {
  if (work.host > 0 || work.devices.empty() || work.prompt.prompt == 0) return std::nullopt;
  if (!all_have(work, &Device::fp16_tflops) || !all_have(work, &Device::bandwidth_gbps)) return std::nullopt;
  Widest widest;
  const auto all = seconds_of(work, prefill_parts_of(work), prefill_coefficients, widest);
  return all ? std::optional(with_spread(*all, widest.spread, widest.basis)) : std::nullopt;
}

// ---- many sequences

// Of experts, those that the tokens of several sequences choose together.
double experts_touched(double share, double sequences) { return 1 - std::pow(1 - share, sequences); }

// The work of one step for all sequences, as one token's: weights are read once, caches for each.
Work of_all_sequences(const Work& work) {
  Work all = work;
  const double sequences = work.sequences;
  const double share = work.token.share_of_experts;
  const double touched = share > 0 ? experts_touched(share, sequences) / share : 1;
  all.token.experts *= touched;
  all.token.half_experts *= touched;
  all.token.cache *= sequences;
  all.sequences = 1;
  return all;
}

// Reading for all of them and computing for each, one after the other: by rule, since no figures were
// measured.
std::optional<SpeedEstimate> throughput_of(const Work& work, const std::optional<SpeedEstimate>& prefill) {
  if (work.sequences < 2 || work.host > 0) return std::nullopt;
  const auto step = decode_of(of_all_sequences(work));
  if (!step || !prefill) return std::nullopt;
  const double sequences = work.sequences;
  const auto at = [&](double steps, double prompts) { return sequences / (1 / steps + sequences / prompts); };
  const Range& read = step->tokens_per_second;
  const Range& computed = prefill->tokens_per_second;
  return SpeedEstimate{
      {at(read.low, computed.low), at(read.high, computed.high)},
      SpeedBasis::rule
  };
}

std::string why_of(const Work& work, const Speed& speed) {
  if (!work.token.generates) return "the model writes no tokens";
  if (!speed.decode) return "the memory bandwidth or the backend's speed is unknown";
  double bytes = 0;
  for (const DeviceShare& share : work.devices) bytes += bytes_on(share, work.token);
  std::string text = work.devices.empty() ? std::string("a token reads ")
                                          : fmt::format("a token reads {:.1f} GB on the GPUs", bytes / 1e9);
  if (work.host > 0)
    text += fmt::format("{}{:.1f} GB in host memory (assumed to give {:.0f} GB/s)",
                        work.devices.empty() ? "" : " and ", work.host / 1e9, usual_host_gbps);
  return fmt::format("{}; {}", text, to_string(speed.decode->basis));
}

}  // namespace

std::vector<DecodeParts> decode_parts_of(const Work& work) {
  std::vector<DecodeParts> all;
  for (const DeviceShare& share : work.devices) {
    all.push_back(decode_parts_on(share, work.token));
    if (work.at_once > 1)
      part(all.back(), DecodePart::hops) = hops_of_reduction * share.layers * work.token.layers;
    else if (all.size() > 1)
      part(all.back(), DecodePart::hops) = 1;
  }
  return all;
}

std::vector<PrefillParts> prefill_parts_of(const Work& work) {
  const double batches =
      std::ceil(static_cast<double>(work.prompt.prompt) / static_cast<double>(work.prompt.batch));
  const double speedup =
      work.at_once > 1 ? 1 : pipeline_speedup(batches, static_cast<double>(work.devices.size()));
  std::vector<PrefillParts> all;
  for (const DeviceShare& share : work.devices) {
    all.push_back(prefill_parts_on(share, work.prompt));
    for (double& seconds : all.back()) seconds /= speedup;
  }
  return all;
}

Found<decode_parts> decode_coefficients(const Work& work, std::size_t device) {
  if (work.by_engine) return {&engines.decode, SpeedBasis::rule, engines.spread};
  return find_decode(*work.devices[device].device);
}

Found<prefill_parts> prefill_coefficients(const Work& work, std::size_t device) {
  if (work.by_engine) return {&engines.prefill, SpeedBasis::rule, engines.spread};
  return find_prefill(*work.devices[device].device);
}

double host_seconds(const Work& work) { return work.host / (usual_host_gbps * 1e9); }

std::optional<SpeedEstimate> decode_of(const Work& work) {
  if (!work.token.generates || !all_have(work, &Device::bandwidth_gbps)) return std::nullopt;
  Widest widest;
  const auto on_gpus = seconds_of(work, decode_parts_of(work), decode_coefficients, widest);
  if (!on_gpus) return std::nullopt;
  const double all = *on_gpus + host_seconds(work) * host_coefficient;
  if (all <= 0) return std::nullopt;
  if (work.host > 0) return with_spread(all, with_host, SpeedBasis::rule);
  return below(ceiling_of(work), with_spread(all, widest.spread, widest.basis));
}

Speed speed_of(const Work& work) {
  Speed speed;
  speed.decode = decode_of(work);
  speed.decode_ceiling = ceiling_of(work);
  speed.prefill = prefill_of(work);
  speed.prompt_tokens = work.prompt.prompt;
  speed.throughput = throughput_of(work, speed.prefill);
  speed.sequences = work.sequences;
  speed.why = why_of(work, speed);
  return speed;
}

}  // namespace vramcalc::speed

namespace vramcalc {

std::string_view to_string(SpeedBasis basis) {
  switch (basis) {
    case SpeedBasis::this_card: return "measured on this card";
    case SpeedBasis::its_generation: return "measured on its generation";
    case SpeedBasis::rule: break;
  }
  return "by rule";
}

}  // namespace vramcalc
