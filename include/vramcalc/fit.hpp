#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "vramcalc/estimate.hpp"
#include "vramcalc/machine.hpp"

namespace vramcalc {

// On the memory that the device really gives to a program:
//   great    the best estimate takes at most two thirds of it
//   fits     the high bound fits
//   tight    the low bound fits, the high one does not
//   offload  only with part of it in host memory
//   no
enum class Verdict { great, fits, tight, offload, no };
inline constexpr std::size_t verdict_count = 5;
std::string_view to_string(Verdict verdict);

Verdict verdict_for(const Amount& needed, Bytes usable, Bytes host = Bytes(0));

// Of each GPU, in order, and of the host where its memory is known.
std::vector<Verdict> verdicts_on(const Estimate& estimate, const Machine& machine);
Verdict worst_of(std::span<const Verdict> verdicts);
bool fits_on(const Estimate& estimate, const Machine& machine);  // every high bound

// The worst of all. What only host memory could take is another verdict than what nothing can.
Verdict verdict_on(const Estimate& estimate, const Machine& machine);

}  // namespace vramcalc
