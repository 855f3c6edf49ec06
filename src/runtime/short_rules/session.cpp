#include "runtime/short_rules/session.hpp"

#include <fmt/format.h>

namespace vramcalc::short_rules {
namespace {

// Without prediction layers at least, and at most with what the allocator rounds up.
Amount weights_amount(Bytes checkpoint, Bytes predictions) {
  const Bytes without = checkpoint - std::min(checkpoint, predictions);
  return {without, without, Bytes(checkpoint.count() + checkpoint.count() / 50)};
}

// In the checkpoint's average bits per value.
Bytes prediction_bytes(const Model& model, Bytes checkpoint) {
  const Parameters parameters = parameters_of(model.architecture);
  if (parameters.mtp == 0) return {};
  const double share = static_cast<double>(parameters.mtp) / static_cast<double>(parameters.total());
  return Bytes(static_cast<std::uint64_t>(static_cast<double>(checkpoint.count()) * share));
}

}  // namespace

WeightBytes RuleSession::weigh(const Quantization& quantization) {
  if (!std::holds_alternative<CheckpointFormat>(quantization))
    throw Error(ErrorCode::unsupported,
                fmt::format("{} loads checkpoints, and {} is a GGUF; -q BF16 is the checkpoint in 16 bits",
                            runtime().id, name_of(quantization)));
  const Weights& stored_weights = stored(quantization);
  return {stored_weights.tensor_bytes, stored_weights.file_bytes, stored_weights.tensor_bytes, Bytes(0),
          stored_weights.bits_per_weight()};
}

Estimate RuleSession::estimate(const Quantization& quantization, const Demand& demand,
                               const TargetDevice& device, Reasons reasons) {
  const WeightBytes& bytes = weights(quantization);
  const Architecture& architecture = model().architecture;
  const ShortRule::Costs costs{weights_amount(bytes.gpu, prediction_bytes(model(), bytes.gpu)),
                          rule_.kv_cache(architecture, demand.tokens, device),
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
