#include <fmt/format.h>

#include "report/report.hpp"

namespace vramcalc::report {

void pool_where_it_must(Machine& machine, const Runtime& runtime, const Placement& asked) {
  if (runtime.can.tells_gpus_apart) return;
  if (asked != Placement{})
    throw Error(ErrorCode::unsupported,
                fmt::format("{} knows one pool of memory, not which part of a model lies where", runtime.id));
  if (machine.devices.size() > 1)
    machine.warnings.push_back(
        fmt::format("the {} GPUs count as one pool; what a split over them adds is not in the figures",
                    machine.devices.size()));
  machine.devices.clear();
}

}  // namespace vramcalc::report
