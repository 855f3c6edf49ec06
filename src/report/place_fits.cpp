#include <algorithm>

#include "report/report.hpp"

namespace vramcalc::report {

namespace {

// A runtime that decides the verdict by more than the terms is right for every GPU as well: the worst of them
// is as the whole.
void follow(std::vector<PlaceFit>& places, Verdict whole) {
  const auto verdict = [](const PlaceFit& place) { return place.verdict.value_or(Verdict::great); };
  const Verdict worst = verdict(*std::ranges::max_element(places, {}, verdict));
  for (PlaceFit& place : places)
    if (place.verdict) place.verdict = worst < whole ? whole : std::min(*place.verdict, whole);
}

}  // namespace

std::vector<PlaceFit> place_fits(const Load& load, const Machine& machine) {
  const Estimate& estimate = load.estimate;
  std::vector<PlaceFit> devices;
  for (std::size_t i = 0; i < estimate.places.size(); ++i) {
    const PlaceEstimate& device = estimate.places[i];
    PlaceFit fit{device.place, machine.name, machine.usable, device.total(), std::nullopt};
    if (device.place.is_host()) {
      fit.name = "host memory";
      fit.usable = machine.host;
    } else if (machine.devices.size() > 1) {
      const Device& gpu = machine.devices[device.place.gpu_index()];
      fit.name = gpu.name;
      fit.usable = gpu.usable;
    }
    if (fit.usable > Bytes(0)) fit.verdict = verdict_for(fit.used, fit.usable);
    devices.push_back(std::move(fit));
  }
  if (load.verdict && !devices.empty()) follow(devices, *load.verdict);
  return devices;
}

}  // namespace vramcalc::report
