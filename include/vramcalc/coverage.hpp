#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "vramcalc/estimate.hpp"

namespace vramcalc {

// How a term is known for one release of a runtime on one backend: equal to the byte and held against
// measured figures, an interval, or printed by rules that nobody has measured there.
enum class Certainty : std::uint8_t { exact, interval, untested };
std::string_view to_string(Certainty certainty);

// A row of what the figures cover. An exact one names the figures that it was held against.
struct Coverage {
  std::string_view runtime, release, backend;
  TermKind term = TermKind::weights;
  Certainty certainty = Certainty::untested;
  std::string_view measured;  // in tests/measured/; empty if there are no figures
};

std::span<const Coverage> coverage();

}  // namespace vramcalc
