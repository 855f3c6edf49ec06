#include "runtime/serving/split.hpp"

#include <fmt/format.h>

namespace vramcalc::serving {

std::uint32_t gpus_of_split(std::initializer_list<std::uint32_t> sizes) {
  constexpr std::uint64_t most = 65536;
  std::uint64_t gpus = 1;
  for (const std::uint32_t size : sizes) {
    gpus *= size;
    if (gpus > most)
      throw Error(
          ErrorCode::bad_value,
          fmt::format("the parallel sizes together ask for more than {} GPUs; choose smaller ones", most));
  }
  return static_cast<std::uint32_t>(gpus);
}

TargetDevice known_device(TargetDevice device) {
  constexpr std::uint64_t h100_mib = 81081, shown_mib = 81559;
  device.count = 1;
  if (device.total > Bytes()) return device;
  device.total = Bytes(h100_mib * MiB);
  device.driver_total = Bytes(shown_mib * MiB);
  device.capability = 90;
  return device;
}

}  // namespace vramcalc::serving
