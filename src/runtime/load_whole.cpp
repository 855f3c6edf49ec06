#include <algorithm>

#include "vramcalc/session.hpp"

namespace vramcalc {

std::optional<Load> load_whole(Session& session, const Quantization& quantization, const Machine& machine,
                               const PlanGoal& goal) {
  const std::uint64_t full = session.model().architecture.context_length;
  const Demand least{goal.context.value_or(std::min(goal.least_context, full))};
  if (!session.fits(quantization, least, machine, {})) return std::nullopt;
  Demand demand = least;
  if (!goal.context)
    demand.tokens =
        std::max(least.tokens,
                 session.longest_context(quantization, machine, {}, least.tokens).value_or(least.tokens));
  return session.load(quantization, demand, machine, {});
}

}  // namespace vramcalc
