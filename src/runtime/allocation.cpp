#include "vramcalc/allocation.hpp"

namespace vramcalc {
namespace {

Bytes bytes_of(const GrowingTerm& term, std::uint64_t steps) {
  return Bytes(term.bytes + static_cast<std::uint64_t>(term.bytes_a_step) * steps);  // modulo 2^64
}

std::uint64_t steps_to(const AllocationStretch& stretch, std::uint64_t context) {
  return context <= stretch.first ? 0 : (context - stretch.first + stretch.step - 1) / stretch.step;
}

}  // namespace

std::vector<DeviceEstimate> AllocationStretch::at(std::uint64_t context) const {
  DeviceEstimate gpu{"gpu0", {}}, host{"host", {}};
  for (const GrowingTerm& term : terms) {
    const Amount amount = Amount::exactly(bytes_of(term, steps_to(*this, context)));
    (term.on_host ? host : gpu).terms.push_back({term.kind, amount, term.basis, {}});
  }
  if (host.terms.empty()) return {std::move(gpu)};
  return {std::move(gpu), std::move(host)};
}

Bytes AllocationStretch::gpu(std::uint64_t context) const {
  Bytes sum;
  for (const GrowingTerm& term : terms)
    if (!term.on_host) sum += bytes_of(term, steps_to(*this, context));
  return sum;
}

}  // namespace vramcalc
