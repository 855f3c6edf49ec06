#include "vramcalc/session.hpp"

#include <algorithm>

#include "fit/search.hpp"

namespace vramcalc {

Session::Session(const Runtime& runtime, const Opening& opening)
    : runtime_(runtime),
      model_(opening.model),
      stored_(std::make_shared<ModelWeights>(opening.model, opening.file)),
      weighed_(std::make_shared<std::deque<Weighed>>()) {}

// ---- weights

WeightBytes Session::weigh(const Quantization& quantization) {
  const Weights& weights = stored(quantization);
  return {weights.tensor_bytes,      weights.file_bytes, weights.tensor_bytes, Bytes(0),
          weights.bits_per_weight(), weights.imatrix};
}

const std::variant<WeightBytes, Error>& Session::weighed(const Quantization& quantization) {
  for (const Weighed& known : *weighed_)
    if (known.key.is_of(quantization)) return known.outcome;
  try {
    weighed_->push_back({QuantizationKey(quantization), weigh(quantization)});
  } catch (const Error& refusal) {
    if (refusal.code() != ErrorCode::unsupported) throw;
    weighed_->push_back({QuantizationKey(quantization), refusal});
  }
  return weighed_->back().outcome;
}

const WeightBytes& Session::weights(const Quantization& quantization) {
  const auto& outcome = weighed(quantization);
  if (const Error* refusal = std::get_if<Error>(&outcome)) throw *refusal;
  return std::get<WeightBytes>(outcome);
}

const WeightBytes* Session::find_weights(const Quantization& quantization) {
  return std::get_if<WeightBytes>(&weighed(quantization));
}

// ---- on GPUs that count as one

Amount Session::gpu_total(const Quantization& quantization, const Demand& demand,
                          const TargetDevice& device) {
  return estimate(quantization, demand, device, Reasons::none).gpu_total();
}

Amount Session::host_total(const Quantization& quantization, const Demand& demand, Backend backend) {
  return estimate(quantization, demand, {1, 0, backend}, Reasons::none).host_total();
}

Bytes Session::kv_bytes_per_token() const { return {}; }

// ---- on a machine

Bytes Session::budget(const TargetDevice&, Bytes usable) const { return usable; }

Capacity Session::capacity(const Quantization&, const Load& load, const Machine&) {
  Capacity capacity;
  capacity.available_kv = load.estimate.gpu_term(TermKind::kv_cache);
  capacity.kv_cache_tokens = capacity.kv_cache_tokens_low = capacity.kv_cache_tokens_high =
      load.demand.tokens;
  capacity.max_model_len = tokens_per_sequence(load.demand);
  capacity.max_concurrency = capacity.max_model_len == 0 ? 0.0
                                                         : static_cast<double>(load.demand.tokens) /
                                                               static_cast<double>(capacity.max_model_len);
  capacity.kv_bytes_per_token = kv_bytes_per_token();
  return capacity;
}

std::vector<Answer> Session::answers(const Quantization&, const Load&, const Machine&) { return {}; }

Placement Session::asked_placement(const Machine&) const { return {}; }

std::optional<std::uint64_t> Session::default_tokens(const Machine&) const { return std::nullopt; }

Load Session::load(const Quantization& quantization, const Demand& demand, const Machine& machine,
                   const Placement& asked) {
  Load load{demand, asked, asked, estimate(quantization, demand, machine.device, Reasons::none)};
  load.fits = fits_on(load.estimate, machine);
  return load;
}

bool Session::fits(const Quantization& quantization, const Demand& demand, const Machine& machine,
                   const Placement& asked) {
  return load(quantization, demand, machine, asked).fits;
}

Verdict Session::verdict(const Load& load, const Machine& machine) const {
  return load.verdict.value_or(verdict_on(load.estimate, machine));
}

Verdict Session::verdict(const Quantization& quantization, const Demand& demand, const Machine& machine) {
  return verdict_on_pool(quantization, demand, machine.device, machine.usable, machine.host);
}

bool Session::fits_on_pool(const Quantization& quantization, const Demand& demand, const TargetDevice& device,
                           Bytes usable) {
  return gpu_total(quantization, demand, device).high <= usable;
}

Verdict Session::verdict_on_pool(const Quantization& quantization, const Demand& demand,
                                 const TargetDevice& device, Bytes usable, Bytes host) {
  const Verdict verdict = verdict_for(gpu_total(quantization, demand, device), usable, host);
  if (host == Bytes(0) || verdict >= Verdict::offload) return verdict;
  return std::max(verdict, verdict_for(host_total(quantization, demand, device.backend), host));
}

std::optional<std::uint64_t> Session::longest_context(const Quantization& quantization,
                                                      const Machine& machine, const Placement&,
                                                      std::uint64_t) {
  const std::uint64_t full = model_.architecture.context_length, step = runtime_.context_step;
  const auto room_at = [&](std::uint64_t steps) {
    const Amount needed = gpu_total(quantization, {std::min(steps * step, full)}, machine.device);
    return static_cast<std::int64_t>(machine.usable.count()) - static_cast<std::int64_t>(needed.high.count());
  };
  const std::uint64_t steps = (full + step - 1) / step;
  const Tried all{steps, room_at(steps)};
  if (all.fits()) return full;
  const Tried one{1, room_at(1)};
  if (steps < 2 || !one.fits()) return std::nullopt;
  return last_with_room(one, all, room_at) * step;
}

std::uint32_t Session::most_sequences(const Quantization&, std::uint64_t, const Machine&, const Placement&) {
  return 0;
}

std::optional<Load> Session::load_with_host(const Quantization&, const Machine&, const PlanGoal&) {
  return std::nullopt;
}

Load Session::load_by_itself(const Quantization&, const std::optional<std::uint64_t>&, std::uint64_t,
                             const Machine&) {
  throw Error(ErrorCode::unsupported, std::string(runtime_.id) + " has no automatic fit");
}

std::optional<Load> Session::own_choice(const Quantization&, const std::optional<std::uint64_t>&,
                                        std::uint64_t, const Machine&) {
  return std::nullopt;
}

void Session::give_reasons(const Quantization& quantization, Load& load, const Machine& machine) {
  load.estimate = estimate(quantization, load.demand, machine.device, Reasons::full);
}

std::string Session::why_moved(const Load&) const { return {}; }

std::vector<std::string> Session::ways_to_fit(const Quantization&, const Load&, const Machine&) { return {}; }

// ---- in words

std::vector<Setting> Session::settings(const Quantization&, const Demand& demand, const TargetDevice&) {
  return {
      {"context",       demand.tokens},
      {"context_asked", demand.tokens}
  };
}

std::vector<std::string> Session::unusual_settings(const Quantization&, const Demand&, const TargetDevice&) {
  return {};
}
std::uint64_t Session::tokens_per_sequence(const Demand& demand) const { return demand.tokens; }
std::string Session::why_interval(Backend) const { return {}; }

std::string Session::remark_on_options() const { return {}; }
std::string Session::other_releases(const Estimate&, const Demand&) const { return {}; }

Explanation Session::explain(TermKind, const Quantization&, const Demand&) { return {}; }
OtherFiles Session::other_files(const Quantization&) { return {}; }
std::string Session::command(const std::string&, const Load&) const { return {}; }
std::vector<std::string> Session::remarks(const Quantization&, const TargetDevice&) const { return {}; }
bool Session::uses_all(std::uint32_t) { return true; }
std::string Session::flags_for_gpus(std::uint32_t) { return {}; }
std::string_view Session::length_flag() const { return "-c"; }
std::string Session::flags_for(std::uint32_t, std::uint64_t) const { return {}; }

// ---- speed

Speed Session::speed(const Quantization&, const Load&, const Machine&) { return {}; }
std::vector<ExplainedSpeed> Session::explain_speed(const Quantization&, const Load&, const Machine&) {
  return {};
}
std::optional<SpeedEstimate> Session::decode_on(const Quantization&, const Demand&, std::span<const Device>) {
  return std::nullopt;
}

std::vector<std::optional<SpeedEstimate>> Session::decode_on_each(
    const Quantization& quantization, const Demand& demand,
    std::span<const std::span<const Device>> machines) {
  std::vector<std::optional<SpeedEstimate>> speeds;
  speeds.reserve(machines.size());
  for (const std::span<const Device> devices : machines)
    speeds.push_back(devices.empty() ? std::nullopt : decode_on(quantization, demand, devices));
  return speeds;
}

}  // namespace vramcalc
