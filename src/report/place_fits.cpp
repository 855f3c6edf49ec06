#include "report/report.hpp"

namespace vramcalc::report {

std::vector<PlaceFit> place_fits(const Estimate& estimate, const Machine& machine) {
  std::vector<PlaceFit> devices;
  for (std::size_t i = 0; i < estimate.places.size(); ++i) {
    const PlaceEstimate& device = estimate.places[i];
    PlaceFit fit{device.place, machine.name, machine.usable, device.total(), std::nullopt};
    if (device.place.is_host()) {
      fit.name = "host memory";
      fit.usable = machine.host;
    } else if (machine.devices.size() > 1) {
      fit.name = machine.devices[i].name;
      fit.usable = machine.devices[i].usable;
    }
    if (fit.usable > Bytes(0)) fit.verdict = verdict_for(fit.used, fit.usable);
    devices.push_back(std::move(fit));
  }
  return devices;
}

Verdict verdict_on(const Estimate& estimate, const Machine& machine, const Placement& asked) {
  const Verdict worst = worst_of(verdicts_on(estimate, machine));
  const bool asked_to_offload = asked.layers || !asked.overrides.empty();
  if (worst != Verdict::no || asked_to_offload) return worst;
  return estimate.gpu_total().high <= machine.usable + machine.host && machine.host > Bytes(0)
             ? Verdict::offload
             : Verdict::no;
}

}  // namespace vramcalc::report
