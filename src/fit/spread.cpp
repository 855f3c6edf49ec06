#include <algorithm>
#include <cmath>
#include <iterator>
#include <numeric>
#include <optional>

#include "vramcalc/fit.hpp"

namespace vramcalc {
namespace {

// Rounds of moving layers; a few suffice nearly always. Splits that are estimated whole.
constexpr int most_rounds = 24;
constexpr int most_splits = 6;

// With everything on one GPU, or with GPUs that nobody tells apart.
bool takes_a_pool(const Machine& machine, const Placement& placement) {
  return machine.devices.empty() ||
         (machine.devices.size() == 1 && !placement.layers && placement.overrides.empty() &&
          placement.offload_operations && !placement.as_fit_estimates);
}

// How much of it each GPU lacks, negative where there is room.
using Lacks = std::vector<std::int64_t>;

std::int64_t signed_of(Bytes bytes) { return static_cast<std::int64_t>(bytes.count()); }

Lacks lacks(const Estimate& estimate, const Machine& machine) {
  Lacks result;
  for (std::size_t i = 0; i < machine.devices.size(); ++i)
    result.push_back(signed_of(estimate.devices[i].total().high) - signed_of(machine.devices[i].usable));
  return result;
}

std::int64_t worst_of(const Lacks& lacking) { return *std::max_element(lacking.begin(), lacking.end()); }

std::int64_t sum_of(const Lacks& lacking) {
  return std::accumulate(lacking.begin(), lacking.end(), std::int64_t{0});
}

// Then no split helps.
bool lacks_in_sum(const Lacks& lacking) { return sum_of(lacking) > 0; }

// Layers of each GPU, the output among them as the last one of all.
using Counts = std::vector<std::uint32_t>;

// What the layers of each GPU take.
std::vector<std::int64_t> sums_of(const std::vector<Bytes>& layers, const Counts& counts) {
  std::vector<std::int64_t> sums;
  auto next = layers.begin();
  for (const std::uint32_t count : counts) {
    std::int64_t& sum = sums.emplace_back();
    for (std::uint32_t i = 0; i < count; ++i) sum += signed_of(*next++);
  }
  return sums;
}

// Layers of each GPU by the default split: what upper_bound over the cumulated shares gives (see llama_cpp,
// device_map.cpp), near enough to start from.
Counts default_counts(const Machine& machine, std::uint32_t layers) {
  Bytes all, sum;
  for (const Device& device : machine.devices) all += device.usable;
  Counts counts;
  double taken = 0;
  for (const Device& device : machine.devices) {
    sum += device.usable;
    const double share = static_cast<double>(sum.count()) / static_cast<double>(all.count());
    const double until = std::floor(share * layers + 0.5);
    counts.push_back(static_cast<std::uint32_t>(until - taken));
    taken = until;
  }
  return counts;
}

// One step: from the GPU that lacks most to the one that has most room. False where there is none.
bool move_layers(Counts& counts, const Lacks& lacking, const std::vector<std::int64_t>& held) {
  const auto from =
      static_cast<std::size_t>(std::max_element(lacking.begin(), lacking.end()) - lacking.begin());
  const auto to =
      static_cast<std::size_t>(std::min_element(lacking.begin(), lacking.end()) - lacking.begin());
  if (counts[from] == 0 || lacking[to] >= 0) return false;
  const std::int64_t each = std::max<std::int64_t>(1, held[from] / counts[from]);
  const std::int64_t wanted = (lacking[from] + each - 1) / each;
  const std::int64_t room = std::max<std::int64_t>(1, -lacking[to] / each);
  const auto moved =
      static_cast<std::uint32_t>(std::clamp<std::int64_t>(std::min(wanted, room), 1, counts[from]));
  counts[from] -= moved;
  counts[to] += moved;
  return true;
}

// Looks for a split that fits. Compute buffers cost by far the most to know and change least from split to
// split: layers are moved by those of the last split that was estimated whole, at first by what is known of
// one GPU with everything on it.
class Spreading {
 public:
  Spreading(Estimator& estimator, const FileType& file_type, std::uint64_t context, const Machine& machine,
            const Placement& asked, Buffers buffers)
      : estimator_(estimator),
        file_type_(file_type),
        context_(context),
        machine_(machine),
        asked_buffers_(buffers),
        default_(placement_on(machine, asked)),
        nothing_to_move_(machine.devices.size() < 2 || !asked.split.empty()) {
    for (const Device& device : machine.devices) targets_.push_back(device.target);
  }

  // The first split that fits, else the one that came closest.
  Spread closest() {
    if (auto found = fitting()) return *std::move(found);
    Spread best = tried(default_, false);
    if (nothing_to_move_) return best;
    for (Spread& other : tried_)
      if (worst_of(lacks(other.estimate, machine_)) < worst_of(lacks(best.estimate, machine_)))
        best = std::move(other);
    return best;
  }

  // Of the tightest GPU: with the first split that fits, else, negative, with the one that came closest.
  std::int64_t room() {
    const auto found = fitting();
    if (machine_.devices.empty()) return found ? 0 : -1;
    if (found) return std::max<std::int64_t>(0, -worst_of(lacks(found->estimate, machine_)));
    std::int64_t least = tried_.empty() ? sum_of(without_buffers_) / std::ssize(without_buffers_) : INT64_MAX;
    for (const Spread& each : tried_) least = std::min(least, worst_of(lacks(each.estimate, machine_)));
    return std::min<std::int64_t>(-1, -least);
  }

  std::optional<Spread> fitting() {
    if (nothing_to_move_) return if_it_fits(default_, false);
    without_buffers_ = lacks(held(default_), machine_);
    if (lacks_in_sum(without_buffers_)) return std::nullopt;
    if (worst_of(without_buffers_) > 0) {
      buffers_.assign(machine_.devices.size(), estimator_.buffer_about(context_));
      return fitting_other();
    }
    if (auto found = if_it_fits(default_, false)) return found;
    if (lacks_in_sum(lacks(tried_.back().estimate, machine_))) return std::nullopt;
    return fitting_other();
  }

 private:
  Estimate held(const Placement& placement) {
    return estimator_.estimate(file_type_, context_, targets_, placement, Buffers::none);
  }
  Spread tried(const Placement& placement, bool moved) const {
    Spread spread{placement, {}, moved};
    spread.estimate =
        takes_a_pool(machine_, placement)
            ? estimate_on(estimator_, file_type_, context_, machine_, placement, Reasons::none)
            : estimator_.estimate(file_type_, context_, targets_, placement, asked_buffers_);
    spread.fits = fits_on(spread.estimate, machine_);
    return spread;
  }
  std::optional<Spread> if_it_fits(const Placement& placement, bool moved) {
    tried_.push_back(tried(placement, moved));
    if (tried_.back().fits) return tried_.back();
    buffers_.resize(machine_.devices.size());
    for (std::size_t i = 0; i < buffers_.size(); ++i)
      buffers_[i] = buffer_of(tried_.back().estimate.devices[i]);
    return std::nullopt;
  }
  static Bytes buffer_of(const DeviceEstimate& device) {
    Bytes sum;
    for (const Term& term : device.terms)
      if (term.kind == TermKind::compute_buffer) sum += term.amount.high;
    return sum;
  }

  std::optional<Spread> fitting_other() {
    std::vector<Bytes> layers = estimator_.bytes_of_layers(file_type_, context_, default_);
    const auto all = static_cast<std::uint32_t>(layers.size());
    const std::uint32_t on_gpus = std::min(default_.layers.value_or(all), all);
    layers.erase(layers.begin(), layers.end() - on_gpus);
    Counts counts = default_counts(machine_, on_gpus);
    std::vector<Counts> seen;
    for (int split = 0; split < most_splits; ++split) {
      counts = balanced(std::move(counts), layers);
      if (std::find(seen.begin(), seen.end(), counts) != seen.end()) break;
      seen.push_back(counts);
      if (auto found = if_it_fits(with(counts), true)) return found;
      if (lacks_in_sum(lacks(tried_.back().estimate, machine_))) break;
    }
    return std::nullopt;
  }

  // As far as the buffers stay what they were.
  Counts balanced(Counts counts, const std::vector<Bytes>& layers) {
    std::vector<std::int64_t> held_by_layers = sums_of(layers, counts);
    Lacks beside_layers = lacks(held(with(counts)), machine_);
    for (std::size_t i = 0; i < beside_layers.size(); ++i)
      beside_layers[i] += signed_of(buffers_[i]) - held_by_layers[i];
    Counts best = counts;
    std::int64_t least = INT64_MAX;
    for (int round = 0; round < most_rounds; ++round) {
      held_by_layers = sums_of(layers, counts);
      Lacks lacking = beside_layers;
      for (std::size_t i = 0; i < lacking.size(); ++i) lacking[i] += held_by_layers[i];
      if (worst_of(lacking) < least) {
        least = worst_of(lacking);
        best = counts;
      }
      if (least <= 0 || !move_layers(counts, lacking, held_by_layers)) break;
    }
    return best;
  }

  Placement with(const Counts& counts) const {
    Placement placement = default_;
    placement.split.assign(counts.begin(), counts.end());
    return placement;
  }

  Estimator& estimator_;
  const FileType& file_type_;
  std::uint64_t context_;
  const Machine& machine_;
  Buffers asked_buffers_;
  Placement default_;
  bool nothing_to_move_;
  std::vector<TargetDevice> targets_;
  Lacks without_buffers_;       // by the default split
  std::vector<Bytes> buffers_;  // of each GPU, as far as they are known
  std::vector<Spread> tried_;
};

}  // namespace

Placement placement_on(const Machine& machine, Placement asked) {
  asked.free.clear();
  for (const Device& device : machine.devices) asked.free.push_back(device.usable);
  return asked;
}

Estimate estimate_on(Estimator& estimator, const FileType& file_type, std::uint64_t context,
                     const Machine& machine, const Placement& placement, Reasons reasons) {
  if (takes_a_pool(machine, placement))
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
  return Spreading(estimator, file_type, context, machine, asked, Buffers::all).closest();
}

namespace {

Buffers those_that_count(const Machine& machine) {
  return machine.host > Bytes(0) ? Buffers::all : Buffers::of_gpus;
}

}  // namespace

bool fits_over(Estimator& estimator, const FileType& file_type, std::uint64_t context, const Machine& machine,
               const Placement& asked) {
  return Spreading(estimator, file_type, context, machine, asked, those_that_count(machine))
      .fitting()
      .has_value();
}

std::int64_t room_over(Estimator& estimator, const FileType& file_type, std::uint64_t context,
                       const Machine& machine, const Placement& asked) {
  return Spreading(estimator, file_type, context, machine, asked, those_that_count(machine)).room();
}

}  // namespace vramcalc
