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

}  // namespace vramcalc::report
