#include <algorithm>
#include <cmath>

#include "vramcalc/fit.hpp"

namespace vramcalc {
namespace {

// Rounds of moving layers; a few suffice nearly always.
constexpr int most_rounds = 12;

bool everything_on_one_gpu(const Machine& machine, const Placement& placement) {
  return machine.devices.size() == 1 && !placement.layers && placement.overrides.empty() &&
         placement.offload_operations && !placement.as_fit_estimates;
}

// How much of it each GPU lacks, negative where there is room.
std::int64_t lack_of(const Amount& needed, Bytes usable) {
  return static_cast<std::int64_t>(needed.high.count()) - static_cast<std::int64_t>(usable.count());
}

std::vector<std::int64_t> lacks(const Estimate& estimate, const Machine& machine) {
  std::vector<std::int64_t> result;
  for (std::size_t i = 0; i < machine.devices.size(); ++i)
    result.push_back(lack_of(estimate.devices[i].total(), machine.devices[i].usable));
  return result;
}

Bytes of_layers(const DeviceEstimate& device) {
  Bytes sum;
  for (const Term& term : device.terms)
    if (term.kind == TermKind::weights || term.kind == TermKind::kv_cache ||
        term.kind == TermKind::recurrent_state)
      sum += term.amount.best;
  return sum;
}

// Layers of each GPU by the default split: what upper_bound over the cumulated shares gives (see llama_cpp,
// device_map.cpp), near enough to start from.
std::vector<std::uint32_t> default_counts(const Machine& machine, std::uint32_t layers) {
  std::vector<std::uint32_t> counts;
  double sum = 0, taken = 0;
  for (const Device& device : machine.devices) {
    sum += static_cast<double>(device.usable.count());
    const double until = std::floor(sum / static_cast<double>(machine.usable.count()) * layers + 0.5);
    counts.push_back(static_cast<std::uint32_t>(until - taken));
    taken = until;
  }
  return counts;
}

// One step: from the GPU that lacks most to the one that has most room. False where there is none.
bool move_layers(std::vector<std::uint32_t>& counts, const Estimate& estimate, const Machine& machine) {
  const auto lacking = lacks(estimate, machine);
  const auto from =
      static_cast<std::size_t>(std::max_element(lacking.begin(), lacking.end()) - lacking.begin());
  const auto to =
      static_cast<std::size_t>(std::min_element(lacking.begin(), lacking.end()) - lacking.begin());
  if (counts[from] == 0 || lacking[to] >= 0) return false;
  const auto each = static_cast<std::int64_t>(
      std::max<std::uint64_t>(1, of_layers(estimate.devices[from]).count() / counts[from]));
  const std::int64_t wanted = (lacking[from] + each - 1) / each;
  const std::int64_t room = std::max<std::int64_t>(1, -lacking[to] / each);
  const auto moved =
      static_cast<std::uint32_t>(std::clamp<std::int64_t>(std::min(wanted, room), 1, counts[from]));
  counts[from] -= moved;
  counts[to] += moved;
  return true;
}

std::int64_t worst_lack(const Estimate& estimate, const Machine& machine) {
  const auto lacking = lacks(estimate, machine);
  return *std::max_element(lacking.begin(), lacking.end());
}

// Then no split helps.
bool lacks_in_sum(const Estimate& estimate, const Machine& machine) {
  std::int64_t sum = 0;
  for (const std::int64_t lack : lacks(estimate, machine)) sum += lack;
  return sum > 0;
}

}  // namespace

Placement placement_on(const Machine& machine, Placement asked) {
  asked.free.clear();
  for (const Device& device : machine.devices) asked.free.push_back(device.usable);
  return asked;
}

Estimate estimate_on(Estimator& estimator, const FileType& file_type, std::uint64_t context,
                     const Machine& machine, const Placement& placement, Reasons reasons) {
  if (machine.devices.empty() || everything_on_one_gpu(machine, placement))
    return estimator.estimate(file_type, context, machine.device, reasons);
  std::vector<TargetDevice> targets;
  for (const Device& device : machine.devices) targets.push_back(device.target);
  return estimator.estimate(file_type, context, targets, placement, reasons);
}

std::vector<Verdict> verdicts_on(const Estimate& estimate, const Machine& machine) {
  std::vector<Verdict> verdicts;
  for (std::size_t i = 0; i < estimate.devices.size(); ++i) {
    const DeviceEstimate& device = estimate.devices[i];
    if (device.device != "host")
      verdicts.push_back(
          verdict_for(device.total(), machine.devices.empty() ? machine.usable : machine.devices[i].usable));
    else if (machine.host > Bytes(0))
      verdicts.push_back(verdict_for(device.total(), machine.host));
  }
  return verdicts;
}

Verdict worst_of(std::span<const Verdict> verdicts) {
  const auto worst = std::max_element(verdicts.begin(), verdicts.end());
  return worst == verdicts.end() ? Verdict::no : *worst;
}

bool fits_on(const Estimate& estimate, const Machine& machine) {
  return worst_of(verdicts_on(estimate, machine)) <= Verdict::fits;
}

Spread spread_over(Estimator& estimator, const FileType& file_type, std::uint64_t context,
                   const Machine& machine, const Placement& asked) {
  const auto at = [&](const Placement& placement) {
    return estimate_on(estimator, file_type, context, machine, placement, Reasons::none);
  };
  Spread best{placement_on(machine, asked), {}};
  best.estimate = at(best.placement);
  best.fits = fits_on(best.estimate, machine);
  if (best.fits || machine.devices.size() < 2 || !asked.split.empty() || lacks_in_sum(best.estimate, machine))
    return best;
  const auto all = static_cast<std::uint32_t>(estimator.model().architecture.blocks.size() + 1);
  auto counts = default_counts(machine, std::min(asked.layers.value_or(all), all));
  Placement placement = best.placement;
  Estimate estimate = best.estimate;
  for (int round = 0; round < most_rounds && move_layers(counts, estimate, machine); ++round) {
    placement.split.assign(counts.begin(), counts.end());
    estimate = at(placement);
    if (worst_lack(estimate, machine) >= worst_lack(best.estimate, machine)) continue;
    best = {placement, estimate, true, fits_on(estimate, machine)};
    if (best.fits) break;
  }
  return best;
}

}  // namespace vramcalc
