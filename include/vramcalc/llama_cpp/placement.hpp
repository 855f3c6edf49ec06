#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "vramcalc/backend.hpp"
#include "vramcalc/bytes.hpp"
#include "vramcalc/place.hpp"

namespace vramcalc::llama_cpp {

// Weights that are placed elsewhere than their layer. What llama.cpp's own flags and automatic fit move is a
// `Part`, which needs no text matching; everything else is a pattern (-ot).
struct TensorOverride {
  enum class Part { named, experts, feed_forward, feed_forward_but_up, feed_forward_down };
  Part part = Part::experts;
  std::optional<std::uint32_t> layer;  // of a part; empty for every layer
  std::string pattern;                 // of `named`; matches anywhere in the tensor's name
  Place place = Place::host();
  friend bool operator==(const TensorOverride&, const TensorOverride&) = default;
};

// The pattern in the form of -ot: "blk\.3\.ffn_(up|down|gate_up|gate)_(ch|)exps".
std::string pattern_of(const TensorOverride& moved);

// Where the parts of a model are. Default: everything that can be on the GPUs, split by their free memory.
struct Placement {
  std::vector<Bytes> free;                // of each GPU; the default split is in proportion to it
  std::vector<double> split;              // -ts; empty for a split by free memory
  std::optional<std::uint32_t> layers;    // -ngl, counting the output as one; empty for all
  std::vector<TensorOverride> overrides;  // -ot, -cmoe, -ncmoe; the first match counts
  bool split_tensors = false;             // -sm tensor: every GPU has a slice of each matrix
  bool offload_operations = true;         // --op-offload: a GPU computes large batches anyway
  Backend backend = Backend::cuda;        // of the GPUs
  std::uint32_t least_capability = 0;     // of NVIDIA's GPUs: 89 for 8.9; 0 if unknown
  std::uint32_t highest_capability = 0;
  bool as_fit_estimates = false;  // compute buffers as llama.cpp's automatic fit estimates them
  friend bool operator==(const Placement&, const Placement&) = default;
};

// The experts of all layers (-cmoe) or of the first `layers` layers (-ncmoe).
TensorOverride experts_on_host();
std::vector<TensorOverride> experts_on_host(std::uint32_t layers);

}  // namespace vramcalc::llama_cpp
