#include <algorithm>

#include "vramcalc/session.hpp"

namespace vramcalc {

BestQuantization::BestQuantization(Session& session, std::span<const Quantization> quantizations,
                                   const Demand& demand)
    : session_(session), demand_(demand) {
  for (const Quantization& quantization : quantizations)
    if (const WeightBytes* weights = session.find_weights(quantization))
      largest_first_.push_back({&quantization, weights});
  // Of two that load as the same bytes (FP32, which vLLM casts to BF16), the smaller file is as good.
  std::ranges::stable_sort(largest_first_, [](const Candidate& a, const Candidate& b) {
    if (a.weights->gpu != b.weights->gpu) return b.weights->gpu < a.weights->gpu;
    return a.weights->tensor_bytes < b.weights->tensor_bytes;
  });
}

const Quantization* BestQuantization::on_pool(Bytes usable, const TargetDevice& device) const {
  for (const Candidate& each : largest_first_) {
    if (each.weights->gpu > usable) continue;
    if (session_.fits_on_pool(*each.quantization, demand_, device, usable)) return each.quantization;
  }
  return nullptr;
}

const Quantization* BestQuantization::on(const Machine& machine, const Placement& asked) const {
  if (machine.devices.size() < 2 && asked == Placement{}) return on_pool(machine.usable, machine.device);
  for (const Candidate& each : largest_first_) {
    if (asked == Placement{} && each.weights->tensor_bytes > machine.usable) continue;
    if (session_.fits(*each.quantization, demand_, machine, asked)) return each.quantization;
  }
  return nullptr;
}

}  // namespace vramcalc
