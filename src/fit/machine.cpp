#include <fmt/format.h>

#include <cmath>

#include "vramcalc/fit.hpp"

namespace vramcalc {
namespace {

// Memory is sold in GiB whatever the box says.
Bytes as_sold(double gib) {
  return Bytes(static_cast<std::uint64_t>(std::llround(gib * static_cast<double>(GiB))));
}

}  // namespace

Machine machine_of(const Gpu& gpu) {
  Machine machine;
  machine.id = gpu.id;
  machine.name = gpu.name;
  machine.memory = as_sold(gpu.memory_gb);
  machine.usable = gpu.usable();
  machine.device.streaming_multiprocessors = gpu.streaming_multiprocessors;
  return machine;
}

Machine machine_of(const System& system) {
  Machine machine;
  machine.id = system.id;
  machine.name = system.name;
  machine.memory = as_sold(system.memory_gb);
  machine.usable = system.usable();
  machine.device.count = system.gpu_count;
  machine.device.dedicated_context = system.kind != System::Kind::unified;
  if (system.kind != System::Kind::unified) machine.host = as_sold(system.system_memory_gb);
  if (system.gpu_count > 1)
    machine.warnings.push_back(
        fmt::format("the {} GPUs of {} count as one pool; what a split over them adds is not in the figures",
                    system.gpu_count, system.name));
  return machine;
}

}  // namespace vramcalc
