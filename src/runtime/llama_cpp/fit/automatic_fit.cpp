#include "runtime/llama_cpp/fit/automatic_fit.hpp"

#include <algorithm>
#include <numeric>

#include "vramcalc/error.hpp"

namespace vramcalc::llama_cpp {
namespace {

using Part = TensorOverride::Part;
using Uses = std::vector<std::int64_t>;  // of each GPU

// The layers of one GPU. Only parts of the last `partial` layers are on it: of the first of these what
// `first_part` leaves there, of the others everything except the experts. The rest of the first goes to
// `rest_to`.
struct Share {
  std::uint32_t layers = 0;
  std::uint32_t partial = 0;
  Part first_part = Part::experts;
  Place rest_to = Place::host();
  std::uint32_t whole() const { return layers - partial; }
};
using Shares = std::vector<Share>;

struct Attempt {
  Shares shares;
  Uses used;
};

class Fit {
 public:
  Fit(Session& session, const Quantization& quantization, std::span<const Bytes> free,
      const FitSettings& settings)
      : session_(session), quantization_(quantization), free_(free.begin(), free.end()), settings_(settings) {
    const Architecture& architecture = session.model().architecture;
    for (const Block& block : architecture.blocks) layers_ += block.mtp ? 0 : 1;
    has_experts_ = shape_facts(architecture).experts > 0;
    const ResolvedContext resolved = resolve(architecture, session.params(), architecture.context_length);
    most_ = checked_multiply(architecture.context_length, resolved.sequences);
    least_ = checked_multiply(settings.least_context, resolved.streams);
    context_ = settings.context.value_or(most_);
    context_is_given_ = settings.context.has_value();
    set_targets();
  }

  FittedLoad run() {
    const Uses full = used(placement({}));
    if (fits(full)) return load(placement({}), false);
    const bool finished = reduce_context(full);
    if (finished || free_.empty()) return load(placement({}), true);
    return load(placement(has_experts_ ? fill_with_experts() : fill()), true);
  }

 private:
  static std::int64_t signed_of(Bytes bytes) { return static_cast<std::int64_t>(bytes.count()); }
  static std::int64_t sum(const Uses& uses) {
    return std::accumulate(uses.begin(), uses.end(), std::int64_t{0});
  }
  std::size_t gpus() const { return free_.size(); }
  std::size_t last() const { return gpus() - 1; }

  Estimate estimate(const Placement& placement, std::uint64_t context) {
    return session_.placed(quantization_, context, {}, placement, Reasons::none, Buffers::all);
  }

  // llama.cpp asks for free memory while a first model with everything on the GPUs is open. Nothing of it is
  // allocated but the recurrent state (src/llama-memory-recurrent.cpp ignores no_alloc).
  void set_targets() {
    for (const Bytes each : free_) targets_.push_back(signed_of(each) - signed_of(settings_.margin));
    for (const PlaceEstimate& device : estimate(placement({}), context_).places)
      for (const Term& term : device.terms)
        if (term.kind == TermKind::recurrent_state && !device.place.is_host())
          targets_[static_cast<std::size_t>(device.place.gpu_index())] -= signed_of(term.amount.best);
  }

  std::vector<Bytes> bytes_used(const Placement& placement, std::uint64_t context) {
    std::vector<Bytes> bytes;
    for (const PlaceEstimate& device : estimate(placement, context).places) {
      Bytes all;
      for (const Term& term : device.terms)
        if (term.kind != TermKind::output_buffer) all += term.amount.best;
      bytes.push_back(all);
    }
    return bytes;
  }
  Uses used(const Placement& placement) {
    Uses uses;
    for (const Bytes each : bytes_used(placement, context_)) uses.push_back(signed_of(each));
    uses.resize(gpus());
    return uses;
  }
  std::int64_t weights_used() {
    return signed_of(estimate(placement({}), context_).gpu_term(TermKind::weights).best);
  }

  bool fits(const Uses& uses) const {
    for (std::size_t gpu = 0; gpu < gpus(); ++gpu)
      if (uses[gpu] > targets_[gpu]) return false;
    return true;
  }

  // Without shares everything is on the GPUs.
  Placement placement(const Shares& shares) const {
    Placement result;
    result.free = free_;
    result.as_fit_estimates = true;
    if (shares.empty()) return result;
    std::uint32_t all = 0;
    for (const Share& share : shares) all += share.layers;
    result.layers = all;
    if (gpus() > 1)
      for (const Share& share : shares) result.split.push_back(share.layers);
    add_overrides(shares, layers_ + 1 - all, result.overrides);
    return result;
  }

  // llama.cpp counts in unsigned 32 bits and subtracts a partial layer from a GPU without any if only the
  // output is left on the last GPU. Its sums wrap around then, as they do here.
  static void add_overrides(const Shares& shares, std::uint32_t layer,
                            std::vector<TensorOverride>& overrides) {
    constexpr std::size_t most_overrides = 4096;  // llama_max_tensor_buft_overrides
    for (const Share& share : shares) {
      layer += share.whole();
      const std::uint32_t first = layer, end = layer + share.partial;
      for (; layer < end; ++layer) {
        if (overrides.size() + 1 == most_overrides)
          throw Error(ErrorCode::unsupported,
                      "llama.cpp's own fit fails here: it would move more tensors than llama.cpp allows");
        overrides.push_back(layer == first ? TensorOverride{share.first_part, layer, {}, share.rest_to}
                                           : TensorOverride{Part::experts, layer, {}, Place::host()});
      }
      layer = end;
    }
  }

  FittedLoad load(Placement placement, bool changed) {
    std::vector<Bytes> bytes = bytes_used(placement, context_);
    return {context_, std::move(placement), changed, std::move(bytes)};
  }

  // ---- the context; true if reducing it is enough
  bool reduce_context(const Uses& full) {
    const std::int64_t room = sum(targets_);
    if (context_is_given_ || most_ <= least_ || sum(full) <= room) return false;
    const std::int64_t target = room - waste_over_gpus();
    context_ = least_;
    const std::int64_t at_least = sum(used(placement({})));
    if (target <= at_least) return false;
    const auto longer =
        static_cast<std::int64_t>(most_ - least_) * (target - at_least) / (sum(full) - at_least);
    context_ += static_cast<std::uint64_t>(longer);
    context_ = std::max(context_ - context_ % (cell_step * streams()), least_);
    return gpus() == 1;
  }
  std::uint64_t streams() const { return least_ / settings_.least_context; }

  // A GPU takes whole layers only, so each of several GPUs is expected to waste half a layer, or half of the
  // third of a layer in which experts are moved.
  std::int64_t waste_over_gpus() {
    if (gpus() < 2) return 0;
    const std::int64_t per_layer = weights_used() / layers_;
    return static_cast<std::int64_t>(gpus() + 1) * per_layer / (has_experts_ ? 6 : 2);
  }

  // ---- the layers
  Attempt tried(Shares shares) {
    constexpr std::size_t most_tries = 1000;
    if (++tries_ > most_tries)
      throw Error(ErrorCode::unsupported, "llama.cpp's own fit never ends here: its counters overflow");
    Uses uses = used(placement(shares));
    return {std::move(shares), std::move(uses)};
  }

  // How far to go from a fitting to a failing attempt, in proportion: at least one step, but not all the way.
  std::uint32_t step_between(const Attempt& fitting, const Attempt& too_much, std::size_t gpu,
                             std::uint32_t delta) const {
    const std::int64_t grown = std::max<std::int64_t>(1, too_much.used[gpu] - fitting.used[gpu]);
    const std::int64_t step = std::int64_t{delta} * (targets_[gpu] - fitting.used[gpu]) / grown;
    // A negative number becomes huge in unsigned 32 bits, as in llama.cpp.
    const auto kept = static_cast<std::uint32_t>(step);
    return std::min(std::max(kept, 1U), delta - 1);
  }

  // From the last GPU to the first, each takes as many of the remaining layers as fit. The output, which has
  // no experts, is on the last GPU.
  Attempt fill_back_to_front() {
    Attempt now = tried(Shares(gpus()));
    for (std::size_t gpu = gpus(); gpu-- > 0;) {
      std::uint32_t left = layers_ + 1;
      for (std::size_t later = gpu + 1; later < gpus(); ++later) left -= now.shares[later].layers;
      if (left == 0) continue;
      Shares all = now.shares;
      all[gpu].layers = left;
      if (has_experts_) all[gpu].partial = gpu < last() ? left : left - 1;
      now = largest_share(std::move(now), tried(std::move(all)), gpu);
    }
    return now;
  }

  Attempt largest_share(Attempt now, Attempt high, std::size_t gpu) {
    if (high.used[gpu] <= targets_[gpu]) return high;
    for (std::uint32_t delta; (delta = high.shares[gpu].layers - now.shares[gpu].layers) > 1;) {
      const std::uint32_t step = step_between(now, high, gpu, delta);
      Shares more = now.shares;
      more[gpu].layers += step;
      if (has_experts_) more[gpu].partial += gpu == last() && more[gpu].partial == 0 ? step - 1 : step;
      Attempt test = tried(std::move(more));
      (test.used[gpu] <= targets_[gpu] ? now : high) = std::move(test);
    }
    return now;
  }

  Shares fill() { return fill_back_to_front().shares; }

  // ---- experts back from the host
  struct Converted {
    Attempt tried;
    std::size_t first_partial = 0;  // first GPU with layers without experts
  };

  Shares fill_with_experts() {
    const bool room_for_experts = leaves_room_without_experts();
    Attempt now = fill_back_to_front();
    if (!room_for_experts) return now.shares;
    std::size_t first = last();
    while (first > 0 && now.shares[first - 1].layers > 0) --first;
    Converted state{std::move(now), first};
    for (std::size_t gpu = 0; gpu <= state.first_partial && state.first_partial < gpus(); ++gpu) {
      state = convert(std::move(state), gpu);
      state = add_part_of_a_layer(std::move(state), gpu);
    }
    return state.tried.shares;
  }

  bool leaves_room_without_experts() {
    Placement without = placement({});
    without.overrides = {experts_on_host()};
    return sum(targets_) - sum(used(without)) > 0;
  }

  // Takes layers without experts from the front and makes them whole layers of `gpu`.
  Converted convert(Converted now, std::size_t gpu) {
    Converted high{
        {everything_converted(now, gpu), {}},
        last()
    };
    high.tried = tried(std::move(high.tried.shares));
    if (high.tried.used[gpu] <= targets_[gpu]) return high;
    for (std::uint32_t delta; (delta = high.tried.shares[gpu].whole() - now.tried.shares[gpu].whole()) > 1;) {
      const std::uint32_t step = step_between(now.tried, high.tried, gpu, delta);
      Converted test = converted(now, gpu, step);
      test.tried = tried(std::move(test.tried.shares));
      (test.tried.used[gpu] <= targets_[gpu] ? now : high) = std::move(test);
    }
    return now;
  }

  Shares everything_converted(const Converted& now, std::size_t gpu) const {
    Shares shares = now.tried.shares;
    for (std::size_t from = now.first_partial; from < gpus(); ++from) {
      const std::uint32_t moved = from < last() ? shares[from].layers : shares[from].layers - 1;
      shares[gpu].layers += moved;
      shares[from].layers -= moved;
      shares[from].partial = 0;
    }
    return shares;
  }

  Converted converted(const Converted& now, std::size_t gpu, std::uint32_t count) const {
    Converted result{
        {now.tried.shares, {}},
        now.first_partial
    };
    Shares& shares = result.tried.shares;
    std::uint32_t done = 0;
    for (; result.first_partial < gpus(); ++result.first_partial) {
      Share& from = shares[result.first_partial];
      const std::uint32_t moved = std::min(count - done, from.partial);
      from.layers -= moved;
      from.partial -= moved;
      shares[gpu].layers += moved;
      done += moved;
      if (from.partial > 0) break;
    }
    return result;
  }

  // One more layer with its attention, and what else fits, on `gpu` and the rest on the next GPU, or on the
  // host after the last one.
  Converted add_part_of_a_layer(Converted now, std::size_t gpu) {
    Share* const from = now.first_partial < gpus() ? &now.tried.shares[now.first_partial] : nullptr;
    if (from == nullptr || from->layers <= (gpu < last() ? 0U : 1U)) return now;
    Converted with{
        {now.tried.shares, {}},
        now.first_partial
    };
    Shares& shares = with.tried.shares;
    shares[with.first_partial].layers--;
    shares[with.first_partial].partial--;
    shares[gpu].layers++;
    shares[gpu].partial++;
    if (shares[with.first_partial].partial == 0) with.first_partial++;
    const Place rest_to = gpu < last() ? Place::gpu(gpu + 1) : Place::host();
    const auto attempt = [&](Part left_out) {
      Shares trial = shares;
      trial[gpu].first_part = left_out;
      trial[gpu].rest_to = rest_to;
      return tried(std::move(trial));
    };
    Attempt part = attempt(Part::feed_forward_but_up);
    if (!has_room(part, gpu)) {
      part = attempt(Part::feed_forward);
      return has_room(part, gpu) ? Converted{std::move(part), with.first_partial} : now;
    }
    Attempt more = attempt(Part::feed_forward_down);
    return {has_room(more, gpu) ? std::move(more) : std::move(part), with.first_partial};
  }

  bool has_room(const Attempt& test, std::size_t gpu) const {
    return test.used[gpu] < targets_[gpu] && (gpu == last() || test.used[gpu + 1] < targets_[gpu + 1]);
  }

  Session& session_;
  const Quantization& quantization_;
  std::vector<Bytes> free_;
  FitSettings settings_;
  Uses targets_;
  std::uint32_t layers_ = 0;  // of the trunk
  bool has_experts_ = false;
  std::uint64_t most_ = 0;
  std::uint64_t least_ = 0;
  std::uint64_t context_ = 0;
  bool context_is_given_ = false;
  std::size_t tries_ = 0;
};

}  // namespace

FittedLoad automatic_fit(Session& session, const Quantization& quantization, std::span<const Bytes> free,
                         const FitSettings& settings) {
  return Fit(session, quantization, free, settings).run();
}

}  // namespace vramcalc::llama_cpp
