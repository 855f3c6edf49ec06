#pragma once

#include "vramcalc/bytes.hpp"

namespace vramcalc {

// A figure and its bounds: low ≤ best ≤ high. All three are equal if the figure is exact.
struct Amount {
  Bytes low, best, high;

  static constexpr Amount exactly(Bytes bytes) { return {bytes, bytes, bytes}; }
  constexpr Amount& operator+=(const Amount& other) {
    low += other.low;
    best += other.best;
    high += other.high;
    return *this;
  }
  friend constexpr Amount operator+(Amount a, const Amount& b) { return a += b; }
  friend constexpr bool operator==(const Amount&, const Amount&) = default;
};

}  // namespace vramcalc
