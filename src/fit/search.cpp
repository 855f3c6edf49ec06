#include <algorithm>

#include "vramcalc/fit.hpp"

namespace vramcalc {
namespace {

// Contexts grow in these steps in the runtimes; a search between them finds nothing new.
constexpr std::uint64_t context_step = 256;

// A number of steps, and what it leaves: negative where it does not fit.
struct Tried {
  std::uint64_t step = 0;
  std::int64_t room = 0;
  bool fits() const { return room >= 0; }
};

// Where between them the room is used up, if it shrinks evenly.
double proportion(const Tried& low, const Tried& high) {
  const auto room = static_cast<double>(low.room);
  return room / (room - static_cast<double>(high.room));
}

// The answer lies in [low, high): low fits, high does not. Memory grows almost linearly with the context, so
// guessing by proportion needs far fewer estimates than halving; every other guess halves, which bounds the
// worst case.
template <class RoomAt>
std::uint64_t last_step_that_fits(Tried low, Tried high, const RoomAt& room_at) {
  const auto look_at = [&](std::uint64_t step) {
    const Tried tried{step, room_at(step)};
    (tried.fits() ? low : high) = tried;
  };
  const auto between = [&] { return high.step - low.step > 1; };
  for (bool by_proportion = true; between(); by_proportion = !by_proportion) {
    const double share = by_proportion ? proportion(low, high) : 0.5;
    const auto steps = static_cast<double>(high.step - low.step);
    const std::uint64_t guess = low.step + static_cast<std::uint64_t>(share * steps);
    look_at(std::clamp(guess, low.step + 1, high.step - 1));
    // A proportional guess lands on the last step that fits or beside it: look there before halving again.
    if (by_proportion && between() && low.step == guess) look_at(guess + 1);
  }
  return low.step;
}

}  // namespace

std::optional<std::uint64_t> largest_context(Estimator& estimator, const FileType& file_type, Bytes usable,
                                             const TargetDevice& device) {
  const std::uint64_t full = estimator.model().architecture.context_length;
  const Weighing& weighing = estimator.weigh(file_type);
  const auto room_at = [&](std::uint64_t step) {
    const Bytes needed = estimator.gpu_total(weighing, std::min(step * context_step, full), device).high;
    return static_cast<std::int64_t>(usable.count()) - static_cast<std::int64_t>(needed.count());
  };
  const std::uint64_t steps = (full + context_step - 1) / context_step;
  const Tried all{steps, room_at(steps)};
  if (all.fits()) return full;
  const Tried one{1, room_at(1)};
  if (steps < 2 || !one.fits()) return std::nullopt;
  return last_step_that_fits(one, all, room_at) * context_step;
}

namespace {

bool is_one_pool(const Machine& machine, const Placement& asked) {
  return machine.devices.size() < 2 && asked == Placement{};
}

}  // namespace

std::optional<std::uint64_t> largest_context(Estimator& estimator, const FileType& file_type,
                                             const Machine& machine, const Placement& asked,
                                             std::uint64_t known) {
  if (is_one_pool(machine, asked))
    return largest_context(estimator, file_type, machine.usable, machine.device);
  const std::uint64_t full = estimator.model().architecture.context_length;
  const auto room_at = [&](std::uint64_t step) {
    return room_over(estimator, file_type, std::min(step * context_step, full), machine, asked);
  };
  const std::uint64_t steps = (full + context_step - 1) / context_step;
  const std::uint64_t first = std::max<std::uint64_t>(known / context_step, 1);
  if (first >= steps && known > 0) return std::min(first * context_step, full);
  const Tried all{steps, room_at(steps)};
  if (all.fits()) return full;
  const Tried low{first, room_at(first)};
  if (!low.fits() || first >= steps) return std::nullopt;
  return last_step_that_fits(low, all, room_at) * context_step;
}

BestQuantization::BestQuantization(Estimator& estimator, std::span<const FileType* const> file_types,
                                   std::uint64_t context)
    : estimator_(estimator) {
  const Amount at_any_size = Amount::exactly(estimator.allocation(context)) + estimator.beside(context);
  for (const FileType* file_type : file_types)
    if (const Weighing* weighing = estimator.find_weighing(*file_type))
      largest_first_.push_back({file_type, weighing, Amount::exactly(weighing->gpu) + at_any_size});
  std::stable_sort(largest_first_.begin(), largest_first_.end(), [](const Candidate& a, const Candidate& b) {
    return b.weighing->tensor_bytes < a.weighing->tensor_bytes;
  });
}

const FileType* BestQuantization::on(Bytes usable, const TargetDevice& device) const {
  for (const Candidate& each : largest_first_) {
    if (each.without_overhead.high > usable) continue;
    if ((each.without_overhead + estimator_.overhead(*each.weighing, device)).high <= usable)
      return each.file_type;
  }
  return nullptr;
}

namespace {

// n_ctx, a 32-bit number, counts the cells of all sequences.
std::uint32_t countable(std::uint32_t sequences, std::uint64_t tokens) {
  const std::uint64_t most =
      (UINT32_MAX - context_step) / round_up(std::max<std::uint64_t>(tokens, 1), context_step);
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(sequences, most));
}

}  // namespace

// By doubling, then by halving. A batch is divided evenly among the sequences, rounded up: doubling asks for
// the numbers that waste nothing of it.
std::uint32_t most_sequences(const std::function<Estimator(std::uint32_t)>& under, const FileType& file_type,
                             std::uint64_t tokens, const Machine& machine, const Placement& asked) {
  const auto fits = [&](Estimator estimator, std::uint32_t sequences) {
    return fits_over(estimator, file_type, checked_multiply(tokens, sequences), machine, asked);
  };
  Estimator one = under(1);
  const std::uint32_t most = countable(one.runtime().most_sequences, tokens);
  if (most == 0 || !fits(std::move(one), 1)) return 0;
  std::uint32_t low = 1, high = 2;
  for (; high <= most && fits(under(high), high); high *= 2) low = high;
  high = std::min(high, most + 1);
  while (high - low > 1) {
    const std::uint32_t middle = low + (high - low) / 2;
    (fits(under(middle), middle) ? low : high) = middle;
  }
  return low;
}

const FileType* best_quantization(Estimator& estimator, std::span<const FileType* const> file_types,
                                  std::uint64_t context, const Machine& machine, const Placement& asked) {
  if (is_one_pool(machine, asked))
    return BestQuantization(estimator, file_types, context).on(machine.usable, machine.device);
  std::vector<std::pair<Bytes, const FileType*>> by_size;
  for (const FileType* file_type : file_types)
    if (const Weighing* weighing = estimator.find_weighing(*file_type))
      by_size.emplace_back(weighing->tensor_bytes, file_type);
  std::stable_sort(by_size.begin(), by_size.end(),
                   [](const auto& a, const auto& b) { return b.first < a.first; });
  for (const auto& [size, file_type] : by_size) {
    if (asked == Placement{} && size > machine.usable) continue;
    if (fits_over(estimator, *file_type, context, machine, asked)) return file_type;
  }
  return nullptr;
}

}  // namespace vramcalc
