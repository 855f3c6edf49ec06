#include "runtime/llama_cpp/speed.hpp"

#include <algorithm>
#include <numeric>

#include "vramcalc/element_type.hpp"

namespace vramcalc::llama_cpp {
namespace {

double in_floating(Bytes bytes) { return static_cast<double>(bytes.count()); }

double bytes_per_element(ElementType type) {
  const ElementLayout& layout = layout_of(type);
  return static_cast<double>(layout.block_bytes) / layout.block_elements;
}

double cache_read(const SpeedQuestion& asked) {
  return speed::cache_read(asked.architecture, asked.context, bytes_per_element(asked.params.cache_type_k),
                           bytes_per_element(asked.params.cache_type_v));
}

double cache_of(const PlaceEstimate& place) {
  return in_floating(place.term(TermKind::kv_cache).best) +
         in_floating(place.term(TermKind::recurrent_state).best);
}

double weights_of(const PlaceEstimate& place) { return in_floating(place.term(TermKind::weights).best); }

template <class Figure>
double sum_over(const std::vector<PlaceEstimate>& places, Figure figure) {
  return std::accumulate(places.begin(), places.end(), 0.0,
                         [&](double sum, const PlaceEstimate& place) { return sum + figure(place); });
}

double share(double part, double whole) { return whole > 0 ? part / whole : 0; }

// A batch of a prompt that is as long as the context at most (-b), in parts (-ub).
speed::PromptTokens prompt_of(const SpeedQuestion& asked) {
  return {.context = asked.context, .prompt = asked.params.batch, .batch = asked.params.ubatch};
}

// Of one token, without a prompt.
speed::Work decoding(const SpeedQuestion& asked) {
  speed::Work work;
  work.token = speed::token_work(asked.architecture, asked.weights, cache_read(asked),
                                 speed::multiplied_parameters(asked.architecture));
  return work;
}

// The weights that the host multiplies: not the embedding, of which it only looks up rows.
double computed_on_host(const PlaceEstimate& host, const WeightBytes& weights) {
  return std::max(0.0, weights_of(host) - in_floating(weights.host));
}

// With -ot, -cmoe and -ncmoe the host has experts, and with -ngl whole layers.
struct OnHost {
  double dense = 0, experts = 0;  // bytes
};
OnHost on_host(const PlaceEstimate& host, const WeightBytes& weights, const Placement& placement) {
  const double computed = computed_on_host(host, weights);
  const double experts = in_floating(weights.experts);
  if (!placement.overrides.empty()) return {std::max(0.0, computed - experts), std::min(computed, experts)};
  const double of_experts = computed * share(experts, in_floating(weights.gpu));
  return {computed - of_experts, of_experts};
}

void split_by_memory(speed::Work& work, std::span<const Device> devices) {
  double memory = 0;
  for (const Device& device : devices) memory += in_floating(device.usable);
  work.devices.clear();
  for (const Device& device : devices) {
    const double part = share(in_floating(device.usable), memory);
    work.devices.push_back({&device, part, part, part, part});
  }
}

}  // namespace

speed::Work work_of(const SpeedQuestion& asked, const Estimate& estimate, const Machine& machine,
                    const Placement& placement) {
  speed::Work work;
  const auto& [architecture, weights, params, context] = asked;
  const PlaceEstimate* host = nullptr;
  for (const PlaceEstimate& place : estimate.places)
    if (place.place.is_host()) host = &place;
  const double cache = cache_read(asked);
  const double all_cache = sum_over(estimate.places, cache_of);
  const double parameters = speed::multiplied_parameters(architecture);
  work.token = speed::token_work(architecture, weights, cache, parameters);
  work.prompt = speed::prompt_work(architecture, weights, cache, parameters, prompt_of(asked));

  OnHost moved;
  double cache_on_host = 0;
  if (host != nullptr) {
    moved = on_host(*host, weights, placement);
    cache_on_host = share(cache_of(*host), all_cache) * cache;
    work.host = moved.dense + moved.experts * work.token.share_of_experts + cache_on_host;
  }
  const double gpu_weights = sum_over(estimate.places, weights_of) - (host ? weights_of(*host) : 0);
  const double dense = in_floating(weights.gpu - weights.experts);
  const double dense_left = share(std::max(0.0, dense - moved.dense), dense);
  const double experts_left =
      share(std::max(0.0, in_floating(weights.experts) - moved.experts), in_floating(weights.experts));
  if (placement.split_tensors) work.at_once = static_cast<std::uint32_t>(machine.devices.size());
  for (std::size_t i = 0; i < machine.devices.size() && i < estimate.places.size(); ++i) {
    const PlaceEstimate& place = estimate.places[i];
    const double part = share(weights_of(place), gpu_weights);
    work.devices.push_back({&machine.devices[i], dense_left * part, experts_left * part,
                            share(cache_of(place), all_cache),
                            placement.split_tensors ? 1 : dense_left * part});
  }
  return work;
}

std::optional<SpeedEstimate> decode_on(const SpeedQuestion& asked, std::span<const Device> devices) {
  speed::Work work = decoding(asked);
  if (devices.empty()) work.host = work.token.dense + work.token.experts + work.token.cache;
  split_by_memory(work, devices);
  return speed::decode_of(work);
}

std::vector<std::optional<SpeedEstimate>> decode_on_each(const SpeedQuestion& asked,
                                                         std::span<const std::span<const Device>> machines) {
  speed::Work work = decoding(asked);
  std::vector<std::optional<SpeedEstimate>> speeds;
  speeds.reserve(machines.size());
  for (const std::span<const Device> devices : machines) {
    split_by_memory(work, devices);
    speeds.push_back(devices.empty() ? std::nullopt : speed::decode_of(work));
  }
  return speeds;
}

}  // namespace vramcalc::llama_cpp
