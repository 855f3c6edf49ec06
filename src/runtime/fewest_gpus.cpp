#include <algorithm>

#include "vramcalc/session.hpp"

namespace vramcalc {
namespace {

bool are_alike(const std::vector<Device>& devices) {
  return std::ranges::all_of(devices, [&](const Device& device) {
    return device.usable == devices[0].usable && device.target == devices[0].target;
  });
}

Device one_of(const Machine& machine) {
  const std::size_t all = std::max<std::size_t>(1, machine.device.count);
  Device one{machine.name, Bytes(machine.memory.count() / all), Bytes(machine.usable.count() / all),
             machine.device};
  if (!machine.devices.empty()) one = machine.devices[0];
  one.target.count = 1;
  return one;
}

Machine times(const Machine& machine, std::uint64_t count) {
  Machine several = machine_of(std::vector<Device>(count, one_of(machine)));
  several.host = machine.host;
  if (machine.devices.empty()) several.devices.clear();
  return several;
}

}  // namespace

std::optional<std::uint32_t> fewest_gpus(Session& session, const Quantization& quantization,
                                         const Demand& demand, const Machine& machine) {
  if (machine.shares_memory || machine.usable == Bytes(0) || !are_alike(machine.devices)) return std::nullopt;
  const std::uint64_t weights = session.weights(quantization).gpu.count();
  const std::uint64_t usable = one_of(machine).usable.count();
  const std::uint64_t least = std::max<std::uint64_t>(1, (weights + usable - 1) / usable);
  const std::uint32_t driven = session.runtime().can.most_gpus;
  const std::uint64_t most = machine.devices.empty() || driven == 0 ? 2 * least + 16 : driven;
  for (std::uint64_t count = least; count <= most; ++count)
    if (session.uses_all(static_cast<std::uint32_t>(count)) &&
        session.fits(quantization, demand, times(machine, count), {}))
      return static_cast<std::uint32_t>(count);
  return std::nullopt;
}

}  // namespace vramcalc
