#include <algorithm>
#include <numeric>
#include <optional>

#include "runtime/llama_cpp/fit/fit.hpp"
#include "runtime/llama_cpp/fit/glance.hpp"

namespace vramcalc::llama_cpp {
namespace {

// The most splits that are estimated with their buffers.
constexpr int most_splits = 6;

// Everything is on one GPU, or the GPUs count as one.
bool takes_a_pool(const Machine& machine, const Placement& placement) {
  return machine.devices.empty() ||
         (machine.devices.size() == 1 && !placement.layers && placement.overrides.empty() &&
          placement.offload_operations && !placement.as_fit_estimates);
}

// Bytes that each GPU lacks; negative if there is room.
using Shortfalls = std::vector<std::int64_t>;

std::int64_t signed_of(Bytes bytes) { return static_cast<std::int64_t>(bytes.count()); }

Shortfalls shortfalls_of(const Estimate& estimate, const Machine& machine,
                         Bytes Amount::*bound = &Amount::high) {
  Shortfalls result;
  for (std::size_t i = 0; i < machine.devices.size(); ++i)
    result.push_back(signed_of(estimate.places[i].total().*bound) - signed_of(machine.devices[i].usable));
  return result;
}

std::int64_t worst_of(const Shortfalls& shortfalls) {
  return *std::max_element(shortfalls.begin(), shortfalls.end());
}

std::int64_t sum_of(const Shortfalls& shortfalls) {
  return std::accumulate(shortfalls.begin(), shortfalls.end(), std::int64_t{0});
}

// Far below 0 if the host's memory is unknown.
std::int64_t shortfall_of_host(const Estimate& estimate, const Machine& machine) {
  if (machine.host == Bytes(0)) return INT64_MIN;
  return signed_of(estimate.places.back().total().high) - signed_of(machine.host);
}

// If true, no split helps.
bool is_short_in_sum(const Shortfalls& shortfalls) { return sum_of(shortfalls) > 0; }

// Layers of each GPU; the output is the last layer of all.
using Counts = std::vector<std::uint32_t>;

// As many layers, in order, as each GPU can take without lacking more than `shortfall`.
Counts filled(const std::vector<Bytes>& layers, const Shortfalls& without_layers, std::int64_t shortfall) {
  Counts counts;
  auto next = layers.begin();
  for (std::int64_t short_by : without_layers) {
    const auto first = next;
    while (next != layers.end() && short_by + signed_of(*next) <= shortfall) short_by += signed_of(*next++);
    counts.push_back(static_cast<std::uint32_t>(next - first));
  }
  return counts;
}

Shortfalls with_layers(Shortfalls shortfalls, const Counts& counts, const std::vector<Bytes>& layers) {
  auto next = layers.begin();
  for (std::size_t gpu = 0; gpu < shortfalls.size(); ++gpu)
    for (std::uint32_t i = 0; i < counts[gpu]; ++i) shortfalls[gpu] += signed_of(*next++);
  return shortfalls;
}

// A split and the shortfall of its tightest GPU; negative if there is room.
struct Balance {
  Counts counts;
  std::int64_t shortfall = 0;
};

// The split whose tightest GPU lacks least, from the shortfall of each GPU without layers.
Balance balanced(const std::vector<Bytes>& layers, const Shortfalls& without_layers) {
  const auto holds_all = [&](std::int64_t shortfall) {
    const Counts counts = filled(layers, without_layers, shortfall);
    return std::accumulate(counts.begin(), counts.end(), std::size_t{0}) == layers.size();
  };
  Bytes all;
  for (const Bytes layer : layers) all += layer;
  std::int64_t too_little = worst_of(without_layers) - 1, enough = worst_of(without_layers) + signed_of(all);
  while (enough - too_little > 1) {
    const std::int64_t middle = too_little + (enough - too_little) / 2;
    (holds_all(middle) ? enough : too_little) = middle;
  }
  return {filled(layers, without_layers, enough), enough};
}

// Looks for a split that fits. Compute buffers are by far the slowest to compute and change least from split
// to split, so layers are balanced with those of the last fully estimated split, and at first with guessed
// ones.
class Spreading {
 public:
  Spreading(Session& session, const Quantization& quantization, std::uint64_t context, const Machine& machine,
            const Placement& asked, Buffers buffers, SearchDepth depth)
      : session_(session),
        quantization_(quantization),
        context_(context),
        machine_(machine),
        asked_buffers_(buffers),
        depth_(depth),
        default_(placement_on(machine, asked)),
        nothing_to_move_(machine.devices.size() < 2 || !asked.split.empty() || asked.split_tensors) {
    for (const Device& device : machine.devices) targets_.push_back(device.target);
  }

  // The first split that fits, or else the closest one.
  Spread closest() {
    if (auto found = fitting()) return *std::move(found);
    Spread best = tried(default_, false);
    if (nothing_to_move_) return best;
    for (Spread& other : tried_)
      if (worst_of(shortfalls_of(other.estimate, machine_)) <
          worst_of(shortfalls_of(best.estimate, machine_)))
        best = std::move(other);
    return best;
  }

  std::int64_t room_about() {
    buffers_ = session_.seen_buffers().about(default_, context_);
    const Estimate estimate = without_buffers_on(nothing_to_move_ ? default_ : all_on_first());
    return -std::max(nothing_to_move_ ? worst_of(with_buffers(shortfalls_of(estimate, machine_)))
                                      : balanced_with(estimate, bytes_of_layers()).shortfall,
                     shortfall_of_host(estimate, machine_));
  }

  std::int64_t least_shortfall(Bytes Amount::*bound) {
    const std::vector<Bytes> layers = bytes_of_layers();
    Shortfalls without_layers = shortfalls_of(without_buffers_on(all_on_first()), machine_, bound);
    for (const Bytes layer : layers) without_layers.front() -= signed_of(layer);
    return balanced(layers, without_layers).shortfall;
  }

  std::optional<Spread> fitting() {
    if (nothing_to_move_) return if_it_fits(default_, false);
    const Shortfalls without_buffers = shortfalls_of(without_buffers_on(default_), machine_);
    if (is_short_in_sum(without_buffers)) return std::nullopt;
    if (worst_of(without_buffers) <= 0)
      if (auto found = if_it_fits(default_, false)) return found;
    if (!tried_.empty() && is_short_in_sum(shortfalls_of(tried_.back().estimate, machine_)))
      return std::nullopt;
    return fitting_other();
  }

 private:
  Estimate without_buffers_on(const Placement& placement) {
    return session_.placed(quantization_, context_, targets_, placement, Reasons::none, Buffers::none);
  }
  Spread tried(const Placement& placement, bool moved) const {
    Spread spread{placement, {}, moved};
    spread.estimate =
        takes_a_pool(machine_, placement)
            ? estimate_on(session_, quantization_, context_, machine_, placement, Reasons::none)
            : session_.placed(quantization_, context_, targets_, placement, Reasons::none, asked_buffers_);
    spread.fits = fits_on(spread.estimate, machine_);
    session_.seen_buffers().see(placement, context_, spread.estimate.places);
    return spread;
  }
  std::optional<Spread> if_it_fits(const Placement& placement, bool moved) {
    tried_.push_back(tried(placement, moved));
    if (tried_.back().fits) return tried_.back();
    buffers_.resize(machine_.devices.size());
    for (std::size_t i = 0; i < buffers_.size(); ++i)
      buffers_[i] = tried_.back().estimate.places[i].term(TermKind::compute_buffer).high;
    return std::nullopt;
  }

  // Only of layers on GPUs.
  std::vector<Bytes> bytes_of_layers() {
    std::vector<Bytes> layers = session_.bytes_of_layers(quantization_, context_, default_);
    const auto all = static_cast<std::uint32_t>(layers.size());
    layers.erase(layers.begin(), layers.end() - std::min(default_.layers.value_or(all), all));
    return layers;
  }

  // With the buffers of the default split if estimated, else with guessed ones, and in a thorough search also
  // without any.
  std::optional<Spread> fitting_other() {
    const std::vector<Bytes> layers = bytes_of_layers();
    const Estimate on_first = without_buffers_on(all_on_first());
    if (tried_.empty()) buffers_ = session_.seen_buffers().about(default_, context_);
    if (auto found = fitting_from_here(on_first, layers)) return found;
    if (depth_ == SearchDepth::quick) return std::nullopt;
    buffers_.assign(machine_.devices.size(), Bytes(0));
    return fitting_from_here(on_first, layers);
  }

  // Splits balanced by the buffers of the previous one, until a split recurs; a thorough search then takes
  // one layer from the tightest GPU.
  std::optional<Spread> fitting_from_here(const Estimate& on_first, const std::vector<Bytes>& layers) {
    for (int split = 0; split < most_splits; ++split) {
      Counts counts = balanced_with(on_first, layers).counts;
      if (was_tried(counts) && depth_ == SearchDepth::thorough) move_one_layer(counts, on_first, layers);
      if (was_tried(counts)) break;
      if (auto found = if_it_fits(with(counts), true)) return found;
      if (is_short_in_sum(shortfalls_of(tried_.back().estimate, machine_))) break;
    }
    return std::nullopt;
  }

  bool was_tried(const Counts& counts) const {
    const Placement placement = with(counts);
    return std::ranges::any_of(tried_, [&](const Spread& each) { return each.placement == placement; });
  }
  // Moves one layer to the GPU with most room if all but the relieved GPU have enough memory then.
  void move_one_layer(Counts& counts, const Estimate& on_first, const std::vector<Bytes>& layers) const {
    const Shortfalls shortfalls = shortfalls_of(tried_.back().estimate, machine_);
    const auto from = static_cast<std::size_t>(std::ranges::max_element(shortfalls) - shortfalls.begin());
    const auto to = static_cast<std::size_t>(std::ranges::min_element(shortfalls) - shortfalls.begin());
    if (counts[from] == 0) return;
    Counts relieved = counts;
    --relieved[from];
    ++relieved[to];
    Shortfalls then = with_layers(shortfalls_without_layers(on_first, layers), relieved, layers);
    then[from] = 0;
    if (worst_of(then) <= 0) counts = relieved;
  }

  Placement all_on_first() const {
    Counts counts(machine_.devices.size());
    counts.front() = 1;
    return with(counts);
  }
  // The shortfalls without layers do not depend on the split, so they follow from the one with all layers on
  // the first GPU.
  Shortfalls shortfalls_without_layers(const Estimate& on_first, const std::vector<Bytes>& layers) const {
    Shortfalls shortfalls = shortfalls_of(on_first, machine_);
    for (const Bytes layer : layers) shortfalls.front() -= signed_of(layer);
    return with_buffers(std::move(shortfalls));
  }
  Balance balanced_with(const Estimate& on_first, const std::vector<Bytes>& layers) const {
    return balanced(layers, shortfalls_without_layers(on_first, layers));
  }
  // Assumes that the buffers stay the same.
  Shortfalls with_buffers(Shortfalls shortfalls) const {
    for (std::size_t i = 0; i < shortfalls.size(); ++i) shortfalls[i] += signed_of(buffers_[i]);
    return shortfalls;
  }

  Placement with(const Counts& counts) const {
    Placement placement = default_;
    placement.split.assign(counts.begin(), counts.end());
    return placement;
  }

  Session& session_;
  const Quantization& quantization_;
  std::uint64_t context_;
  const Machine& machine_;
  Buffers asked_buffers_;
  SearchDepth depth_;
  Placement default_;
  bool nothing_to_move_;
  std::vector<TargetDevice> targets_;
  std::vector<Bytes> buffers_;  // of each GPU, as far as known
  std::vector<Spread> tried_;
};

}  // namespace

Placement placement_on(const Machine& machine, Placement asked) {
  asked.backend = machine.device.backend;
  const auto by_capability = [](const Device& a, const Device& b) {
    return a.target.capability < b.target.capability;
  };
  const auto [least, highest] = std::ranges::minmax_element(machine.devices, by_capability);
  if (!machine.devices.empty()) {
    asked.least_capability = least->target.capability;
    asked.highest_capability = highest->target.capability;
  }
  asked.free.clear();
  for (const Device& device : machine.devices) asked.free.push_back(device.usable);
  return asked;
}

Estimate estimate_on(Session& session, const Quantization& quantization, std::uint64_t context,
                     const Machine& machine, const Placement& placement, Reasons reasons) {
  if (takes_a_pool(machine, placement))
    return session.estimate(quantization, Demand{context}, machine.device, reasons);
  std::vector<TargetDevice> targets;
  for (const Device& device : machine.devices) targets.push_back(device.target);
  return session.placed(quantization, context, targets, placement, reasons, Buffers::all);
}

Spread spread_over(Session& session, const Quantization& quantization, std::uint64_t context,
                   const Machine& machine, const Placement& asked) {
  return Spreading(session, quantization, context, machine, asked, Buffers::all, SearchDepth::thorough)
      .closest();
}

std::int64_t least_shortfall(Session& session, const Quantization& quantization, std::uint64_t context,
                             const Machine& machine, Bytes Amount::*bound) {
  return Spreading(session, quantization, context, machine, {}, Buffers::none, SearchDepth::quick)
      .least_shortfall(bound);
}

namespace {

Buffers those_that_count(const Machine& machine) {
  return machine.host > Bytes(0) ? Buffers::all : Buffers::of_gpus;
}

}  // namespace

bool fits_over(Session& session, const Quantization& quantization, std::uint64_t context,
               const Machine& machine, const Placement& asked, SearchDepth depth) {
  if (asked == Placement{})
    if (const auto known = Glance(session, quantization, context, machine).fits()) return *known;
  return placement_fits(session, quantization, context, machine, asked, depth);
}

bool placement_fits(Session& session, const Quantization& quantization, std::uint64_t context,
                    const Machine& machine, const Placement& asked, SearchDepth depth) {
  return Spreading(session, quantization, context, machine, asked, those_that_count(machine), depth)
      .fitting()
      .has_value();
}

std::int64_t room_about(Session& session, const Quantization& quantization, std::uint64_t context,
                        const Machine& machine, const Placement& asked) {
  if (machine.devices.empty())
    return signed_of(machine.usable) -
           signed_of(session.gpu_total(quantization, Demand{context}, machine.device).high);
  return Spreading(session, quantization, context, machine, asked, Buffers::none, SearchDepth::quick)
      .room_about();
}

}  // namespace vramcalc::llama_cpp
