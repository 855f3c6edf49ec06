#include <fmt/format.h>

#include "report/report.hpp"

namespace vramcalc::report {
namespace {

void require_shares(const Offload& offload, const Machine& machine) {
  if (offload.split.size() > machine.devices.size())
    throw Error(ErrorCode::bad_value,
                fmt::format("-ts has {} shares, but {} has {} GPU{}", offload.split.size(), machine.name,
                            machine.devices.size(), machine.devices.size() == 1 ? "" : "s"));
}

}  // namespace

Placement asked_placement(const Question& question, const Machine& machine) {
  const Offload& offload = question.offload;
  require_shares(offload, machine);
  Placement placement;
  placement.layers = offload.layers;
  if (machine.devices.size() > 1) placement.split = offload.split;
  placement.overrides = offload.overrides;
  if (offload.cpu_moe) placement.overrides.push_back(experts_on_host());
  for (TensorOverride& moved : experts_on_host(offload.cpu_moe_layers))
    placement.overrides.push_back(std::move(moved));
  placement.offload_operations = offload.operations;
  return placement;
}

}  // namespace vramcalc::report
