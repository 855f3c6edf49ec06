#include <algorithm>

#include "vramcalc/fit.hpp"

namespace vramcalc {

std::string_view to_string(Verdict verdict) {
  switch (verdict) {
    case Verdict::great: return "great";
    case Verdict::fits: return "fits";
    case Verdict::tight: return "tight";
    case Verdict::offload: return "offload";
    case Verdict::no: return "no";
  }
  return "unknown";
}

Verdict verdict_for(const Amount& needed, Bytes usable, Bytes host) {
  if (needed.high <= usable) return needed.best * 3 <= usable * 2 ? Verdict::great : Verdict::fits;
  if (needed.low <= usable) return Verdict::tight;
  return needed.high <= usable + host ? Verdict::offload : Verdict::no;
}

std::vector<Verdict> verdicts_on(const Estimate& estimate, const Machine& machine) {
  std::vector<Verdict> verdicts;
  for (const PlaceEstimate& each : estimate.places) {
    if (each.place.is_host() && machine.host == Bytes(0)) continue;
    const Bytes usable = each.place.is_host()      ? machine.host
                         : machine.devices.empty() ? machine.usable
                                                   : machine.devices[each.place.gpu_index()].usable;
    verdicts.push_back(verdict_for(each.total(), usable));
  }
  return verdicts;
}

Verdict worst_of(std::span<const Verdict> verdicts) {
  const auto worst = std::ranges::max_element(verdicts);
  return worst == verdicts.end() ? Verdict::no : *worst;
}

bool fits_on(const Estimate& estimate, const Machine& machine) {
  return worst_of(verdicts_on(estimate, machine)) <= Verdict::fits;
}

Verdict verdict_on(const Estimate& estimate, const Machine& machine) {
  const Verdict worst = worst_of(verdicts_on(estimate, machine));
  if (worst != Verdict::no || machine.device.backend == Backend::cpu) return worst;
  return machine.host > Bytes(0) && estimate.gpu_total().high <= machine.usable + machine.host
             ? Verdict::offload
             : Verdict::no;
}

}  // namespace vramcalc
