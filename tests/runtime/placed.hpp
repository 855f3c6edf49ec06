#pragma once

#include <cstdint>
#include <iosfwd>
#include <string>
#include <vector>

#include "runtime/measured.hpp"
#include "vramcalc/model.hpp"
#include "vramcalc/weights.hpp"

// What lies where: derived, and as llama.cpp 0.5.0 allocated it (tests/measured/compute/).
namespace vramcalc::measured {

struct Sizes {
  Place place = Place::gpu(0);
  std::uint64_t weights = 0;
  std::uint64_t memory = 0;  // cache and recurrent state
  friend bool operator==(const Sizes&, const Sizes&) = default;
};

std::ostream& operator<<(std::ostream& out, const Sizes& sizes);

std::vector<Sizes> derived_sizes(const Model& model, const Weights& weights, const Case& measured);

// What lies in pinned and in plain host memory is one device here.
std::vector<Sizes> allocated_sizes(const Case& measured);

// With a real allocation what stays on the host is a mapped range of the file, gaps included (Gemma 3n, 4):
// of that only the least is known.
bool maps_host_weights(const Case& measured);

}  // namespace vramcalc::measured
