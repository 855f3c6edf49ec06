#include <algorithm>

#include "runtime/llama_cpp/fit/fit.hpp"

namespace vramcalc::llama_cpp {
namespace {

std::uint64_t least_of(const Architecture& architecture, const PlanGoal& goal) {
  return goal.context.value_or(std::min<std::uint64_t>(goal.least_context, architecture.context_length));
}

std::uint32_t count_of_layers(const Architecture& architecture) {
  return shape_facts(architecture).block_count + 1;
}

struct Search {
  Session& session;
  const Quantization& quantization;
  const Machine& machine;
  const PlanGoal& goal;

  std::uint64_t least_context() const { return least_of(session.model().architecture, goal); }
  bool fits(const Placement& asked, const Machine& on, SearchDepth depth = SearchDepth::thorough) const {
    return fits_over(session, quantization, least_context(), on, asked, depth);
  }

  // `asked` fits at the minimum context; this finds the longest one.
  Load load(const Placement& asked) const {
    Demand demand{least_context()};
    if (!goal.context)
      demand.tokens = std::max(
          demand.tokens,
          longest_context(session, quantization, machine, asked, demand.tokens).value_or(demand.tokens));
    return session.load(quantization, demand, machine, asked);
  }

  // With the smallest number, up to `most`, at which the rest fits on the GPUs. A larger number helps the
  // GPUs but needs more host memory.
  template <class PlacementOf>
  std::optional<Load> fewest(std::uint32_t most, const PlacementOf& placement_of) const {
    Machine gpus = machine;
    gpus.host = Bytes(0);
    // Searched in reverse: the largest number left out is the last that fits.
    const auto placement_with = [&](std::uint64_t left_out) {
      return placement_of(most + 1 - static_cast<std::uint32_t>(left_out));
    };
    const std::uint64_t left_out = last_that_fits(
        0, std::uint64_t{most} + 1,
        [&](std::uint64_t number) {
          return room_about(session, quantization, least_context(), gpus, placement_with(number));
        },
        [&](std::uint64_t number, SearchDepth depth) { return fits(placement_with(number), gpus, depth); });
    if (left_out == 0) return std::nullopt;
    const Placement placement = placement_with(left_out);
    if (machine.host > Bytes(0) && !fits(placement, machine)) return std::nullopt;
    return load(placement);
  }
};

Placement without_experts(std::uint32_t layers) {
  Placement placement;
  placement.overrides = experts_on_host(layers);
  return placement;
}

}  // namespace

LayerCounts layers_of(const Architecture& architecture, const Placement& placement) {
  LayerCounts layers;
  layers.all = count_of_layers(architecture);
  layers.on_gpus = std::min(placement.layers.value_or(layers.all), layers.all);
  const auto experts =
      std::ranges::count(placement.overrides, TensorOverride::Part::experts, &TensorOverride::part);
  layers.without_experts = std::min(static_cast<std::uint32_t>(experts), layers.all - 1);
  layers.in_parts =
      static_cast<std::uint32_t>(placement.overrides.size()) - static_cast<std::uint32_t>(experts);
  layers.whole = layers.on_gpus == layers.all && placement.overrides.empty();
  return layers;
}

std::optional<Load> load_with_host(Session& session, const Quantization& quantization, const Machine& machine,
                                   const PlanGoal& goal) {
  if (machine.devices.empty() || machine.shares_memory) return std::nullopt;
  const Search search{session, quantization, machine, goal};
  const Architecture& architecture = session.model().architecture;
  const std::uint32_t layers = count_of_layers(architecture);
  const bool has_experts = shape_facts(architecture).experts > 0;
  if (has_experts)
    if (auto load = search.fewest(layers - 1, without_experts)) return load;
  return search.fewest(layers, [&](std::uint32_t left) {
    Placement placement = has_experts ? without_experts(layers - 1) : Placement{};
    placement.layers = layers - left;
    return placement;
  });
}

}  // namespace vramcalc::llama_cpp
