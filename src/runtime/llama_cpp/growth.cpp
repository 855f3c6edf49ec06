#include "runtime/llama_cpp/growth.hpp"

#include <algorithm>

namespace vramcalc::llama_cpp {
namespace {

Bytes bytes_of(const GrowingTerm& term, std::uint64_t steps) {
  return Bytes(term.bytes + static_cast<std::uint64_t>(term.bytes_per_step) * steps);  // modulo 2^64
}

std::uint64_t steps_to(const EvenGrowth& growth, std::uint64_t context) {
  return context <= growth.first ? 0 : (context - growth.first + growth.step - 1) / growth.step;
}

}  // namespace

std::vector<PlaceEstimate> EvenGrowth::at(std::uint64_t context) const {
  PlaceEstimate gpu{Place::gpu(0), {}}, host{Place::host(), {}};
  for (const GrowingTerm& term : terms) {
    const Amount amount = Amount::exactly(bytes_of(term, steps_to(*this, context)));
    (term.place.is_host() ? host : gpu).terms.push_back({term.kind, amount, term.basis, {}});
  }
  if (host.terms.empty()) return {std::move(gpu)};
  return {std::move(gpu), std::move(host)};
}

Bytes EvenGrowth::gpu(std::uint64_t context) const {
  Bytes sum;
  for (const GrowingTerm& term : terms)
    if (!term.place.is_host()) sum += bytes_of(term, steps_to(*this, context));
  return sum;
}

namespace {

std::uint64_t after(const GrowingBytes& bytes, std::uint64_t steps) {
  return bytes.bytes + static_cast<std::uint64_t>(bytes.bytes_per_step) * steps;  // modulo 2^64
}

std::uint64_t thousandths(std::uint64_t bytes, std::uint32_t part) {
  return checked_multiply(bytes, part) / 1000;
}

}  // namespace

Amount widened(const Amount& computed, const Margin& margin, Bytes at_least) {
  const std::uint64_t low = thousandths(computed.low.count(), 1000 - margin.below);
  const std::uint64_t floor = thousandths(at_least.count(), 1000 - margin.below);
  const Bytes high(thousandths(computed.high.count(), 1000 + margin.above));
  const Amount amount{Bytes(std::max(low, floor)), computed.best, std::max(high, at_least)};
  return {std::min(amount.low, amount.high), std::clamp(amount.best, amount.low, amount.high), amount.high};
}

Amount BoundedGrowth::gpu(std::uint64_t context) const {
  const std::uint64_t steps = context <= first ? 0 : (context - first + step - 1) / step;
  return widened({Bytes(after(low, steps)), Bytes(after(best, steps)), Bytes(after(high, steps))}, margin,
                 Bytes(at_least));
}

Amount BoundedGrowth::host(std::uint64_t context) const {
  const std::uint64_t steps = context <= first ? 0 : (context - first + step - 1) / step;
  return widened(
      {Bytes(after(host_low, steps)), Bytes(after(host_best, steps)), Bytes(after(host_high, steps))},
      host_margin, Bytes(0));
}

}  // namespace vramcalc::llama_cpp
