#include "runtime/llama_cpp/fit/glance.hpp"

#include <algorithm>

#include "runtime/llama_cpp/overhead.hpp"

namespace vramcalc::llama_cpp {
namespace {

// Small tables that every GPU has copies of (rope_freqs.weight: a few hundred bytes).
constexpr std::uint64_t copied_tables = MiB;

bool reads_cache_of_others(const Architecture& architecture) {
  return std::ranges::any_of(architecture.blocks, [](const Block& block) {
    const auto* attention = std::get_if<GroupedQueryAttention>(&block.attention);
    return attention != nullptr && attention->reuses_cache_of.has_value();
  });
}

// Other kinds have states or residual streams, which are also copied.
bool has_only_attention(const Architecture& architecture) {
  return std::ranges::all_of(architecture.blocks, [](const Block& block) {
    return std::holds_alternative<GroupedQueryAttention>(block.attention) ||
           std::holds_alternative<LatentAttention>(block.attention);
  });
}

Bytes compute_buffer_of(const Estimate& estimate, bool host) {
  Bytes sum;
  for (const PlaceEstimate& device : estimate.places)
    if (device.place.is_host() == host) sum += device.term(TermKind::compute_buffer).high;
  return sum;
}

}  // namespace

std::optional<Bytes> compute_buffer_bound(const Session& session, const Estimate& on_one_gpu) {
  constexpr std::uint64_t copies = 4;
  if (session.params() != ContextParams{} || session.has_companions() ||
      reads_cache_of_others(session.model().architecture))
    return std::nullopt;
  const Bytes all = compute_buffer_of(on_one_gpu, false) + compute_buffer_of(on_one_gpu, true) * copies;
  return has_only_attention(session.model().architecture) ? Bytes((all * 3).count() / 2) : all * 3;
}

Glance::Glance(Session& session, const Quantization& quantization, std::uint64_t context,
               const Machine& machine)
    : session_(session), quantization_(quantization), context_(context), machine_(machine) {
  if (machine.devices.size() > 1) look_at_the_sum();
}

void Glance::look_at_the_sum() {
  const Estimate on_one =
      session_.estimate(quantization_, Demand{context_}, machine_.devices[0].target, Reasons::none);
  const auto bound = compute_buffer_bound(session_, on_one);
  if (!bound) return;
  buffer_bound_ = *bound;
  fixed_bytes_ = on_one.gpu_term(TermKind::weights).best + on_one.gpu_term(TermKind::kv_cache).best +
                 on_one.gpu_term(TermKind::recurrent_state).best;
  Bytes least = fixed_bytes_, usable;
  for (const Device& device : machine_.devices) {
    overheads_.push_back(overhead_bytes(device.target));
    least += overheads_.back().low;
    usable += device.usable;
  }
  is_short_in_sum_ = least > usable;
  const Amount of_host = Amount::exactly(on_one.host_total().high + buffer_bound_);
  says_something_ =
      is_short_in_sum_ || machine_.host == Bytes(0) || verdict_for(of_host, machine_.host) == Verdict::great;
}

Glance::Bounds Glance::on_each(const std::vector<Amount>& amounts) const {
  Bounds bounds{Verdict::great, Verdict::great};
  for (std::size_t i = 0; i < amounts.size(); ++i) {
    const Bytes usable = machine_.devices[i].usable;
    bounds.best = std::max(bounds.best, verdict_for(amounts[i], usable));
    bounds.worst = std::max(bounds.worst, verdict_for(amounts[i] + Amount::exactly(buffer_bound_), usable));
  }
  return bounds;
}

// If one GPU can take the whole model, no split is needed to know that it fits.
const Glance::Bounds& Glance::of_default_split() {
  if (bounds_) return *bounds_;
  std::vector<Amount> amounts;
  for (const Amount& overhead : overheads_)
    amounts.push_back(overhead + Amount::exactly(fixed_bytes_ + Bytes(copied_tables)));
  bounds_ = on_each(amounts);
  if (bounds_->worst == Verdict::great) return *bounds_;
  std::vector<TargetDevice> targets;
  for (const Device& device : machine_.devices) targets.push_back(device.target);
  const Estimate split =
      session_.placed(quantization_, context_, targets, placement_on(machine_), Reasons::none, Buffers::none);
  for (std::size_t i = 0; i < amounts.size(); ++i) amounts[i] = split.places[i].total();
  bounds_ = on_each(amounts);
  return *bounds_;
}

bool Glance::is_short(Bytes Amount::*bound) {
  if (is_short_in_sum_) return true;
  return of_default_split().best > (bound == &Amount::low ? Verdict::tight : Verdict::fits) &&
         least_shortfall(session_, quantization_, context_, machine_, bound) > 0;
}

std::optional<bool> Glance::fits() {
  if (!says_something_) return std::nullopt;
  if (is_short(&Amount::high)) return false;
  return of_default_split().worst <= Verdict::fits ? std::optional(true) : std::nullopt;
}

std::optional<Verdict> Glance::verdict() {
  if (!says_something_) return std::nullopt;
  if (is_short(&Amount::low)) {
    Bytes least = fixed_bytes_, most = fixed_bytes_;
    for (const Amount& overhead : overheads_) {
      least += overhead.high;
      most += overhead.high + buffer_bound_ + Bytes(copied_tables);
    }
    if (machine_.host == Bytes(0) || least > machine_.usable + machine_.host) return Verdict::no;
    return most <= machine_.usable + machine_.host ? std::optional(Verdict::offload) : std::nullopt;
  }
  const Bounds& bounds = of_default_split();
  return bounds.worst <= Verdict::fits && bounds.best == bounds.worst ? std::optional(bounds.worst)
                                                                      : std::nullopt;
}

}  // namespace vramcalc::llama_cpp
