#pragma once

#include <algorithm>
#include <cstdint>

// Sizes that grow by the same amount with every step of the context. Placing a graph with such sizes places
// it for a whole range of contexts at once, as long as every comparison keeps its outcome.
namespace vramcalc::llama_cpp::graph {

struct Linear {
  std::uint64_t at = 0;    // before the first step
  std::int64_t slope = 0;  // per step

  std::uint64_t after(std::uint64_t steps) const {
    return at + static_cast<std::uint64_t>(slope) * steps;  // modulo 2^64; the sum is not negative
  }
  Linear& operator+=(const Linear& other) {
    at += other.at;
    slope += other.slope;
    return *this;
  }
  Linear& operator-=(const Linear& other) {
    at -= other.at;
    slope -= other.slope;
    return *this;
  }
  friend Linear operator+(Linear a, const Linear& b) { return a += b; }
  friend Linear operator-(Linear a, const Linear& b) { return a -= b; }
  friend bool operator==(const Linear&, const Linear&) = default;
};

// The line through two points that are one step apart.
inline Linear line_through(std::uint64_t at, std::uint64_t next) {
  return {at, static_cast<std::int64_t>(next - at)};
}

// Compares sizes before the first step and records for how many steps all results stay the same.
class Horizon {
 public:
  explicit Horizon(std::uint64_t steps) : steps_(steps) {}

  bool less(const Linear& a, const Linear& b) {
    const bool is_less = a.at < b.at;
    if (is_less) {
      stays_below(a, b);
    } else {
      stays_at_most(b, a);
    }
    return is_less;
  }
  bool equal(const Linear& a, const Linear& b) {
    if (a.at == b.at) {
      if (a.slope != b.slope) steps_ = 0;
      return true;
    }
    a.at < b.at ? stays_below(a, b) : stays_below(b, a);
    return false;
  }

  // Nothing is known beyond the first size.
  void end() { steps_ = 0; }

  std::uint64_t steps() const { return steps_; }

 private:
  void stays_below(const Linear& low, const Linear& high) { stays(low, high, high.at - low.at - 1); }
  void stays_at_most(const Linear& low, const Linear& high) { stays(low, high, high.at - low.at); }
  void stays(const Linear& low, const Linear& high, std::uint64_t distance) {
    if (low.slope <= high.slope) return;
    steps_ = std::min(steps_, distance / static_cast<std::uint64_t>(low.slope - high.slope));
  }

  std::uint64_t steps_;
};

}  // namespace vramcalc::llama_cpp::graph
