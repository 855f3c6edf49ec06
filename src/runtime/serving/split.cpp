#include "runtime/serving/split.hpp"

namespace vramcalc::serving {

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
