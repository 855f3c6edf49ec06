#include "runtime/short_rules/session.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "runtime/serving/checkpoints.hpp"

namespace vramcalc::short_rules {
namespace {

Bytes loaded_bytes(std::span<const CheckpointPart> parts) { return serving::loaded_bytes(parts, true); }

// At most with what the allocator rounds up; from one end to the other where publishers pack differently.
Amount loaded_weights(const Architecture& architecture, const CheckpointFormat& format) {
  const Bytes best = loaded_bytes(parts_of(architecture, format));
  Amount weights = Amount::exactly(best);
  if (format.range && !format.stored_parts) {
    weights.low = std::min(best, loaded_bytes(checkpoint_parts(architecture, format.range->least)));
    weights.high = std::max(best, loaded_bytes(checkpoint_parts(architecture, format.range->most)));
  }
  weights.high += Bytes(weights.high.count() / 50);
  return weights;
}

}  // namespace

WeightBytes RuleSession::weigh(const Quantization& quantization) {
  const auto* format = std::get_if<CheckpointFormat>(&quantization);
  if (format == nullptr)
    throw Error(ErrorCode::unsupported,
                fmt::format("{} loads checkpoints, and {} is a GGUF; -q BF16 is the checkpoint in 16 bits",
                            runtime().id, name_of(quantization)));
  if (format->row != nullptr && !is_loaded_by(*format->row, runtime().id))
    throw Error(ErrorCode::unsupported,
                fmt::format("{} does not load {}; -q BF16 is the checkpoint in 16 bits", runtime().id,
                            name_of(quantization)));
  const Weights& whole = stored(quantization);
  return {whole.tensor_bytes, whole.file_bytes, loaded(quantization).best, Bytes(0), whole.bits_per_weight()};
}

const Amount& RuleSession::loaded(const Quantization& quantization) {
  for (const Loaded& known : loaded_)
    if (known.key.is_of(quantization)) return known.weights;
  const auto& format = std::get<CheckpointFormat>(quantization);
  loaded_.push_back({QuantizationKey(quantization), loaded_weights(model().architecture, format)});
  return loaded_.back().weights;
}

Estimate RuleSession::estimate(const Quantization& quantization, const Demand& demand,
                               const TargetDevice& device, Reasons reasons) {
  const WeightBytes& bytes = weights(quantization);
  const Architecture& architecture = model().architecture;
  const ShortRule::Costs costs{loaded(quantization), rule_.kv_cache(architecture, demand.tokens, device),
                               rule_.activations(architecture, demand.tokens, device)};
  PlaceEstimate gpu{Place::gpu(0), {}};
  const auto add = [&](TermKind kind, const Amount& amount, Basis basis, std::string_view why) {
    gpu.terms.push_back({kind, amount, basis, reasons == Reasons::full ? std::string(why) : std::string()});
  };
  add(TermKind::weights, costs.weights, Basis::derived, "the checkpoint without prediction layers");
  add(TermKind::kv_cache, costs.kv_cache, Basis::assumed, rule_.why_cache);
  add(TermKind::activation_peak, costs.activations, Basis::fitted, rule_.why_activations);
  add(TermKind::runtime_overhead, rule_.overhead(costs, device), Basis::assumed, rule_.why_overhead);
  return {bytes.tensor_bytes, bytes.file_bytes, {std::move(gpu)}};
}

// ---- on hardware that it runs on

bool RuleSession::runs_on(Backend backend) const {
  return rule_.backends.empty() || std::ranges::find(rule_.backends, backend) != rule_.backends.end();
}

Load RuleSession::load(const Quantization& quantization, const Demand& demand, const Machine& machine,
                       const Placement& asked) {
  Load load = Session::load(quantization, demand, machine, asked);
  if (runs_on(machine.device.backend)) return load;
  load.fits = false;
  load.verdict = Verdict::no;
  return load;
}

Verdict RuleSession::verdict_on_pool(const Quantization& quantization, const Demand& demand,
                                     const TargetDevice& device, Bytes usable, Bytes host) {
  if (!runs_on(device.backend)) return Verdict::no;
  return Session::verdict_on_pool(quantization, demand, device, usable, host);
}

bool RuleSession::fits_on_pool(const Quantization& quantization, const Demand& demand,
                               const TargetDevice& device, Bytes usable) {
  return runs_on(device.backend) && Session::fits_on_pool(quantization, demand, device, usable);
}

std::optional<std::uint64_t> RuleSession::longest_context(const Quantization& quantization,
                                                          const Machine& machine, const Placement& asked,
                                                          std::uint64_t known) {
  if (!runs_on(machine.device.backend)) return std::nullopt;
  return Session::longest_context(quantization, machine, asked, known);
}

std::vector<std::string> RuleSession::ways_to_fit(const Quantization&, const Load&, const Machine& machine) {
  if (runs_on(machine.device.backend)) return {};
  return {fmt::format("{} runs on {} only", runtime().id, rule_.hardware)};
}

Bytes RuleSession::kv_bytes_per_token() const {
  const std::uint64_t many = 1 << 20, step = 4096;
  const Architecture& architecture = model().architecture;
  const Bytes more = rule_.kv_cache(architecture, many + step, {}).best;
  return Bytes((more - rule_.kv_cache(architecture, many, {}).best).count() / step);
}

std::string RuleSession::why_interval(Backend) const {
  return fmt::format("The figures of {} follow short rules of its documentation, which were not measured.",
                     runtime().id);
}

}  // namespace vramcalc::short_rules
