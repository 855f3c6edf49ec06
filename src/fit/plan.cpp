#include "vramcalc/plan.hpp"

#include <algorithm>

#include "fit/search.hpp"

namespace vramcalc {
namespace {

std::uint64_t least_of(const Architecture& architecture, const PlanGoal& goal) {
  return goal.context.value_or(std::min<std::uint64_t>(goal.least_context, architecture.context_length));
}

std::uint32_t layers_of(const Architecture& architecture) {
  return shape_facts(architecture).block_count + 1;
}

struct Search {
  Estimator& estimator;
  const FileType& file_type;
  const Machine& machine;
  const PlanGoal& goal;

  std::uint64_t least_context() const { return least_of(estimator.model().architecture, goal); }
  bool fits(const Placement& asked, const Machine& on, Effort effort = Effort::thorough) const {
    return fits_over(estimator, file_type, least_context(), on, asked, effort);
  }

  // `asked` fits at the least context: now the longest one.
  Plan plan(const Placement& asked) const {
    const Architecture& architecture = estimator.model().architecture;
    std::uint64_t context = least_of(architecture, goal);
    if (!goal.context)
      context =
          std::max(context, largest_context(estimator, file_type, machine, asked, context).value_or(context));
    Spread spread = spread_over(estimator, file_type, context, machine, asked);
    Plan result;
    result.file_type = file_type;
    result.context = context;
    result.placement = std::move(spread.placement);
    result.estimate = std::move(spread.estimate);
    result.all_layers = layers_of(architecture);
    result.layers = std::min(asked.layers.value_or(result.all_layers), result.all_layers);
    result.layers_without_experts =
        static_cast<std::uint32_t>(std::min<std::size_t>(asked.overrides.size(), result.all_layers - 1));
    result.whole = asked == Placement{};
    return result;
  }

  // With the smallest number, up to `most`, that lets the GPUs hold the rest, where larger ones only help
  // them. What the host must hold grows with it.
  template <class PlacementOf>
  std::optional<Plan> fewest(std::uint32_t most, const PlacementOf& placement_of) const {
    Machine gpus = machine;
    gpus.host = Bytes(0);
    // The other way round: the largest number of those that are left out of it fits last.
    const auto placement_with = [&](std::uint64_t left_out) {
      return placement_of(most + 1 - static_cast<std::uint32_t>(left_out));
    };
    const std::uint64_t left_out = last_that_fits(
        0, std::uint64_t{most} + 1,
        [&](std::uint64_t number) {
          return room_about(estimator, file_type, least_context(), gpus, placement_with(number));
        },
        [&](std::uint64_t number, Effort effort) { return fits(placement_with(number), gpus, effort); });
    if (left_out == 0) return std::nullopt;
    const Placement placement = placement_with(left_out);
    if (machine.host > Bytes(0) && !fits(placement, machine)) return std::nullopt;
    return plan(placement);
  }
};

Placement without_experts(std::uint32_t layers) {
  Placement placement;
  placement.overrides = experts_on_host(layers);
  return placement;
}

}  // namespace

std::optional<Plan> plan_whole(Estimator& estimator, const FileType& file_type, const Machine& machine,
                               const PlanGoal& goal) {
  const Search search{estimator, file_type, machine, goal};
  if (!search.fits({}, machine)) return std::nullopt;
  return search.plan({});
}

std::optional<Plan> plan_with_host(Estimator& estimator, const FileType& file_type, const Machine& machine,
                                   const PlanGoal& goal) {
  if (machine.devices.empty() || machine.shares_memory) return std::nullopt;
  const Search search{estimator, file_type, machine, goal};
  const Architecture& architecture = estimator.model().architecture;
  const std::uint32_t layers = layers_of(architecture);
  const bool has_experts = shape_facts(architecture).experts > 0;
  if (has_experts)
    if (auto plan = search.fewest(layers - 1, without_experts)) return plan;
  return search.fewest(layers, [&](std::uint32_t left) {
    Placement placement = has_experts ? without_experts(layers - 1) : Placement{};
    placement.layers = layers - left;
    return placement;
  });
}

}  // namespace vramcalc
