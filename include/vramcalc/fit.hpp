#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "vramcalc/estimate.hpp"
#include "vramcalc/machine.hpp"

namespace vramcalc {

// Whether an estimate fits in the memory that a program can use:
//   great    the best estimate takes at most two thirds of it
//   fits     the high bound fits
//   tight    the low bound fits, the high one does not
//   offload  it fits only with a part in host memory
//   no       it does not fit
enum class Verdict { great, fits, tight, offload, no };
inline constexpr std::size_t verdict_count = 5;
std::string_view to_string(Verdict verdict);
// As it is placed, without moving more of it to the host.
constexpr bool may_fit(Verdict verdict) { return verdict <= Verdict::tight; }

Verdict verdict_for(const Amount& needed, Bytes usable, Bytes host = Bytes(0));

// One verdict per GPU in order, then one for the host if its memory is known.
std::vector<Verdict> verdicts_on(const Estimate& estimate, const Machine& machine);
Verdict worst_of(std::span<const Verdict> verdicts);
bool fits_on(const Estimate& estimate, const Machine& machine);  // whether every high bound fits

// The worst verdict of all. A load that fits with host memory is `offload`, not `no`.
Verdict verdict_on(const Estimate& estimate, const Machine& machine);

}  // namespace vramcalc
