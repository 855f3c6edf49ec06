#include "runtime/serving/session.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "runtime/serving/checkpoints.hpp"

namespace vramcalc::serving {

Gpus gpus_of(const TargetDevice& device) { return {device, device.total > Bytes() ? device.count : 1}; }

Gpus gpus_of(const Machine& machine) {
  if (machine.devices.empty()) return gpus_of(machine.device);
  const auto total = [](const Device& device) { return device.target.total; };
  TargetDevice least = std::ranges::min_element(machine.devices, {}, total)->target;
  for (const Device& device : machine.devices) {
    least.capability = std::min(least.capability, device.target.capability);
    least.taken = std::max(least.taken, device.target.taken);
  }
  return {least, static_cast<std::uint32_t>(machine.devices.size())};
}

namespace {

bool is_unknown(const Machine& machine) { return gpus_of(machine).one.total == Bytes(); }

}  // namespace

std::optional<Engine> Session::engine_on(const Quantization& quantization, std::uint64_t length,
                                         const Machine& machine, const Options& options) {
  split_for(quantization);
  const Gpus gpus = gpus_of(machine);
  if (ranks(length, gpus) > gpus.count) return std::nullopt;
  return engine(quantization, length, gpus, options);
}

std::optional<Engine> Session::engine_with_room(const Quantization& quantization, std::uint64_t length,
                                                const Machine& machine) {
  const Gpus gpus = gpus_of(machine);
  const bool is_known = gpus.one.total > Bytes();
  if (is_known && least_weights(quantization) > gpus.one.total * gpus.count) return std::nullopt;
  return engine_on(quantization, length, machine, options());
}

// ---- estimates

Estimate Session::estimate(const Quantization& quantization, const Demand& demand, const TargetDevice& device,
                           Reasons reasons) {
  split_for(quantization);
  const Gpus gpus = gpus_of(device);
  const WeightBytes& bytes = weights(quantization);
  const Engine engine = this->engine(quantization, demand.tokens, gpus, options());
  Estimate estimate{bytes.tensor_bytes, bytes.file_bytes, places_of(engine, demand)};
  const std::size_t ranks_of_stage = estimate.places.size() / engine.ranks.size();
  for (std::size_t i = 0; i < estimate.places.size() && reasons == Reasons::full; ++i)
    add_reasons(quantization, demand, gpus, i / ranks_of_stage, estimate.places[i].terms);
  return estimate;
}

Load Session::load(const Quantization& quantization, const Demand& demand, const Machine& machine,
                   const Placement& asked) {
  const auto engine = engine_on(quantization, demand.tokens, machine, options());
  const Gpus gpus = gpus_of(machine);
  if (!engine)
    throw Error(ErrorCode::bad_value, fmt::format("the engine is split over {} GPUs, and {} has {}",
                                                  ranks(demand.tokens, gpus), machine.name, gpus.count));
  const WeightBytes& bytes = weights(quantization);
  Load load{
      demand, asked, asked, {bytes.tensor_bytes, bytes.file_bytes, places_of(*engine, demand)}
  };
  load.verdict = verdict_of(*engine, demand);
  load.fits = *load.verdict <= Verdict::fits;
  return load;
}

void Session::give_reasons(const Quantization& quantization, Load& load, const Machine& machine) {
  const Gpus gpus = gpus_of(machine);
  const auto engine = engine_on(quantization, load.demand.tokens, machine, options());
  if (!engine) return;
  const std::size_t ranks_of_stage = load.estimate.places.size() / engine->ranks.size();
  for (std::size_t i = 0; i < load.estimate.places.size(); ++i)
    add_reasons(quantization, load.demand, gpus, i / ranks_of_stage, load.estimate.places[i].terms);
}

// ---- verdicts and limits

Verdict Session::verdict(const Quantization& quantization, const Demand& demand, const Machine& machine) {
  const auto engine = engine_with_room(quantization, demand.tokens, machine);
  return engine ? verdict_of(*engine, demand) : Verdict::no;
}

Verdict Session::verdict_on_pool(const Quantization& quantization, const Demand& demand,
                                 const TargetDevice& device, Bytes, Bytes) {
  Machine machine;
  machine.device = device;
  return verdict(quantization, demand, machine);
}

bool Session::fits_on_pool(const Quantization& quantization, const Demand& demand, const TargetDevice& device,
                           Bytes usable) {
  return verdict_on_pool(quantization, demand, device, usable, Bytes(0)) <= Verdict::fits;
}

bool Session::fits(const Quantization& quantization, const Demand& demand, const Machine& machine,
                   const Placement&) {
  return verdict(quantization, demand, machine) <= Verdict::fits;
}

std::optional<std::uint64_t> Session::longest_context(const Quantization& quantization,
                                                      const Machine& machine, const Placement&,
                                                      std::uint64_t) {
  const std::uint64_t full = model().architecture.context_length;
  const auto engine = engine_with_room(quantization, full, machine);
  if (!engine || !engine->refusal.empty()) return std::nullopt;
  const std::uint64_t longest = engine->cache->longest(engine->available(&Amount::low), full);
  return longest == 0 ? std::nullopt : std::optional(longest);
}

std::uint32_t Session::most_sequences(const Quantization& quantization, std::uint64_t tokens,
                                      const Machine& machine, const Placement&) {
  const auto engine = engine_with_room(quantization, tokens, machine);
  if (!engine || !engine->refusal.empty()) return 0;
  const std::uint64_t requests = engine->cache->requests(engine->available(&Amount::low), tokens);
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(requests, engine->most_requests));
}

Capacity Session::capacity(const Quantization& quantization, const Load& load, const Machine& machine) {
  if (is_unknown(machine)) return vramcalc::Session::capacity(quantization, load, machine);
  const auto engine = engine_on(quantization, load.demand.tokens, machine, options());
  return engine ? capacity_of(*engine, load.demand.tokens, model().architecture.context_length) : Capacity{};
}

bool Session::uses_all(std::uint32_t gpus) {
  return ranks(model().architecture.context_length, {TargetDevice{}, gpus}) == gpus;
}

std::vector<std::string> Session::remarks(const Quantization& quantization,
                                          const TargetDevice& device) const {
  const auto* format = std::get_if<CheckpointFormat>(&quantization);
  std::string remark = format == nullptr ? "" : remark_on_device(*format, device);
  return remark.empty() ? std::vector<std::string>() : std::vector{std::move(remark)};
}

std::vector<std::string> Session::ways_to_fit(const Quantization& quantization, const Load& load,
                                              const Machine& machine) {
  const auto engine = engine_on(quantization, load.demand.tokens, machine, options());
  if (!engine) return {};
  const std::string words = engine->refusal.empty() ? refusal(*engine, load.demand) : engine->refusal;
  if (words.empty()) return {};
  return {fmt::format("{} would not start: {}", runtime().title, words)};
}

// ---- speed

std::optional<speed::Work> Session::work(const Quantization& quantization, const Demand& demand,
                                         const Gpus& gpus, std::span<const Device> devices) {
  if (ranks(demand.tokens, gpus) > gpus.count) return std::nullopt;
  const Engine engine = this->engine(quantization, demand.tokens, gpus, options());
  const std::uint64_t tokens = demand.tokens_per_request > 0 ? demand.tokens_per_request : demand.tokens;
  speed::Work work = work_of(model().architecture, weights(quantization), engine, tokens, devices);
  work.sequences = std::max(1u, demand.requests);
  return work;
}

Speed Session::speed(const Quantization& quantization, const Load& load, const Machine& machine) {
  const auto work = this->work(quantization, load.demand, gpus_of(machine), machine.devices);
  return work ? speed::speed_of(*work) : Speed{};
}

std::vector<ExplainedSpeed> Session::explain_speed(const Quantization& quantization, const Load& load,
                                                   const Machine& machine) {
  const auto work = this->work(quantization, load.demand, gpus_of(machine), machine.devices);
  return work ? speed::explain(*work) : std::vector<ExplainedSpeed>{};
}

std::optional<SpeedEstimate> Session::decode_on(const Quantization& quantization, const Demand& demand,
                                                std::span<const Device> devices) {
  if (devices.empty()) return std::nullopt;
  const Gpus gpus{devices.front().target, static_cast<std::uint32_t>(devices.size())};
  const auto work = this->work(quantization, demand, gpus, devices);
  return work ? speed::decode_of(*work) : std::nullopt;
}

}  // namespace vramcalc::serving
