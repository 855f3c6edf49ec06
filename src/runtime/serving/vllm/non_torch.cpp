#include "runtime/serving/vllm/non_torch.hpp"

#include <array>

#include "runtime/serving/vllm/defaults.hpp"

namespace vramcalc::vllm {
namespace {

constexpr Amount mib(std::uint64_t low, std::uint64_t best, std::uint64_t high) {
  return {Bytes(low * MiB), Bytes(best * MiB), Bytes(high * MiB)};
}

// Logged "non-torch memory", and from 0.26.1 consumed memory less weights, by the number of ranks. For four
// ranks of the later releases no log was seen; the row lies between its neighbours.
struct RanksRow {
  std::uint32_t ranks;
  Amount allocated, consumed;
};
constexpr std::array rank_rows = {
    RanksRow{1, mib(20,  100,  240),  mib(150,  360,  720) },
    RanksRow{2, mib(300, 560,  1440), mib(510,  770,  1440)},
    RanksRow{4, mib(100, 610,  1440), mib(510,  1100, 2000)},
    RanksRow{8, mib(200, 1540, 2460), mib(1020, 1790, 2660)},
};

// GPUs that share the host's memory also count what the machine allocates meanwhile, such as the page cache
// (eight logs of a GB10; of AMD's, one log with almost nothing).
constexpr Amount of_gb10 = mib(1536, 3584, 6656), of_shared_memory = mib(0, 1024, 6656);

const RanksRow& row_of(std::uint64_t ranks) {
  for (const RanksRow& row : rank_rows)
    if (ranks <= row.ranks) return row;
  return rank_rows.back();
}

// Copies of attention are engines of their own, unless they share experts.
std::uint64_t ranks_of(const Settings& settings) {
  const serving::Parallel& parallel = settings.parallel;
  const std::uint64_t copies = parallel.experts ? parallel.data : 1;
  return copies * parallel.tensor * parallel.pipeline;
}

}  // namespace

Amount non_torch(const Settings& settings, const TargetDevice& device) {
  const RanksRow& row = row_of(ranks_of(settings));
  const Amount amount = defaults_of(settings.release).consumed_memory ? row.consumed : row.allocated;
  if (!device.unified) return amount;
  return amount + (device.capability != 0 ? of_gb10 : of_shared_memory);
}

Amount before_start(const Settings& settings) {
  const Amount context = mib(300, 500, 720);
  return ranks_of(settings) > 1 ? context + mib(0, 350, 400) : context;
}

}  // namespace vramcalc::vllm
