#pragma once

#include <cstdint>
#include <iosfwd>
#include <string>
#include <vector>

#include "runtime/measured.hpp"
#include "vramcalc/model.hpp"
#include "vramcalc/weights.hpp"

// The contents of each device: derived, and as llama.cpp 0.5.0 allocated them (tests/measured/compute/).
namespace vramcalc::measured {

struct Sizes {
  Place place = Place::gpu(0);
  std::uint64_t weights = 0;
  std::uint64_t memory = 0;  // cache and recurrent state
  friend bool operator==(const Sizes&, const Sizes&) = default;
};

std::ostream& operator<<(std::ostream& out, const Sizes& sizes);

std::vector<Sizes> derived_sizes(const Model& model, const Weights& weights, const Case& measured);

// Pinned and pageable host memory count as one device here.
std::vector<Sizes> allocated_sizes(const Case& measured);

// In a real allocation host weights are a mapped range of the file, including gaps (Gemma 3n and 4), so only
// their minimum is known.
bool maps_host_weights(const Case& measured);

}  // namespace vramcalc::measured
