#include <fmt/format.h>

#include "report/report.hpp"

namespace vramcalc::report {

void pool_where_it_must(Machine& machine, const Runtime& runtime, const Placement& asked) {
  if (runtime.can.tells_gpus_apart) return;
  if (asked != Placement{})
    throw Error(ErrorCode::unsupported,
                fmt::format("{} treats memory as one pool and does not place parts of a model", runtime.id));
  if (machine.devices.size() > 1)
    machine.warnings.push_back(
        fmt::format("the {} GPUs count as one pool; the overhead of splitting the model is not included",
                    machine.devices.size()));
  machine.devices.clear();
}

void apply_budget(Machine& machine, const Session& session) {
  if (!session.runtime().can.uses_host_memory) machine.host = Bytes(0);
  if (machine.devices.empty()) {
    machine.usable = session.budget(machine.device, machine.usable);
    return;
  }
  machine.usable = Bytes(0);
  for (Device& device : machine.devices) {
    device.usable = session.budget(device.target, device.usable);
    machine.usable += device.usable;
  }
}

}  // namespace vramcalc::report
