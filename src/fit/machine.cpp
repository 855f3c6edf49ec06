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
  machine.device.dedicated_context = system.vendor != "Apple";  // Metal is Apple's
  if (system.kind != System::Kind::unified) machine.host = as_sold(system.system_memory_gb);
  return machine;
}

}  // namespace vramcalc
