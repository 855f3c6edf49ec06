#include "fit/search.hpp"

#include <algorithm>
#include <map>

#include "fit/glance.hpp"
#include "vramcalc/fit.hpp"

namespace vramcalc {
namespace {

// Contexts grow in these steps in the runtimes; a search between them finds nothing new.
constexpr std::uint64_t context_step = 256;

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
  return last_with_room(one, all, room_at) * context_step;
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
  const std::uint64_t steps = (full + context_step - 1) / context_step;
  const auto context_of = [&](std::uint64_t step) { return std::min(step * context_step, full); };
  const std::uint64_t below = known / context_step;
  if (below >= steps) return context_of(below);
  if (asked == Placement{} && known == 0) {
    if (Glance(estimator, file_type, full, machine).fits() == true) return full;
    if (Glance(estimator, file_type, context_of(1), machine).fits() == false) return std::nullopt;
  }
  const std::uint64_t last = last_that_fits(
      below, steps + 1,
      [&](std::uint64_t step) { return room_about(estimator, file_type, context_of(step), machine, asked); },
      [&](std::uint64_t step, Effort effort) {
        return placement_fits(estimator, file_type, context_of(step), machine, asked, effort);
      });
  if (last == 0) return std::nullopt;
  return context_of(last);
}

BestQuantization::BestQuantization(Estimator& estimator, std::span<const FileType* const> file_types,
                                   std::uint64_t context)
    : estimator_(estimator), context_(context) {
  for (const FileType* file_type : file_types)
    if (const Weighing* weighing = estimator.find_weighing(*file_type))
      largest_first_.push_back({file_type, weighing});
  std::stable_sort(largest_first_.begin(), largest_first_.end(), [](const Candidate& a, const Candidate& b) {
    return b.weighing->tensor_bytes < a.weighing->tensor_bytes;
  });
}

const FileType* BestQuantization::on(Bytes usable, const TargetDevice& device) const {
  for (const Candidate& each : largest_first_) {
    if (each.weighing->gpu > usable) continue;
    if (estimator_.gpu_total(*each.weighing, context_, device).high <= usable) return each.file_type;
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

std::uint32_t most_sequences(const std::function<Estimator(std::uint32_t)>& under, const FileType& file_type,
                             std::uint64_t tokens, const Machine& machine, const Placement& asked) {
  std::map<std::uint64_t, Estimator> known;  // each guesses by what those before it found out
  const Estimator* last = nullptr;
  const auto with = [&](std::uint64_t sequences) -> Estimator& {
    auto at = known.find(sequences);
    if (at == known.end()) at = known.emplace(sequences, under(static_cast<std::uint32_t>(sequences))).first;
    if (last != nullptr) at->second.learn_from(*last);
    last = &at->second;
    return at->second;
  };
  const std::uint32_t most = countable(with(1).runtime().most_sequences, tokens);
  return static_cast<std::uint32_t>(last_that_fits(
      0, std::uint64_t{most} + 1,
      [&](std::uint64_t sequences) {
        return room_about(with(sequences), file_type, checked_multiply(tokens, sequences), machine, asked);
      },
      [&](std::uint64_t sequences, Effort effort) {
        return fits_over(with(sequences), file_type, checked_multiply(tokens, sequences), machine, asked,
                         effort);
      }));
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
