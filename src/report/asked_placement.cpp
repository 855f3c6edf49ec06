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

// llama_max_tensor_buft_overrides() is 4096 in llama.cpp 0.5.0, and the last one ends the list: with more, it
// stops at an assertion (src/llama.cpp; common/common.cpp).
void require_few_overrides(const Offload& offload) {
  constexpr std::uint64_t most = 4095;
  const std::uint64_t all =
      offload.overrides.size() + (offload.cpu_moe ? 1 : 0) + std::uint64_t{offload.cpu_moe_layers};
  if (all > most)
    throw Error(
        ErrorCode::bad_value,
        fmt::format("llama.cpp takes at most {} overrides of tensors, and -ot, -cmoe and -ncmoe give {}; "
                    "-cmoe moves the experts of all layers with one",
                    grouped(most), grouped(all)));
}

}  // namespace

Placement asked_placement(const Question& question, const Machine& machine) {
  const Offload& offload = question.offload;
  require_shares(offload, machine);
  require_few_overrides(offload);
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

void pool_where_it_must(Machine& machine, const Runtime& runtime, const Placement& asked) {
  if (runtime.place != nullptr) return;
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
