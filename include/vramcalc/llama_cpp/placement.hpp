#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "vramcalc/backend.hpp"
#include "vramcalc/bytes.hpp"
#include "vramcalc/place.hpp"

namespace vramcalc::llama_cpp {

// Weights that go elsewhere than their layer. Those that llama.cpp's own flags and its automatic fit move
// have a part of their own, so that nothing is matched by text for them; the rest is a pattern (-ot).
struct TensorOverride {
  enum class Part { named, experts, feed_forward, feed_forward_but_up, feed_forward_down };
  Part part = Part::experts;
  std::optional<std::uint32_t> layer;  // of a part; empty: of every layer
  std::string pattern;                 // of `named`: found anywhere in the tensor's name
  Place place = Place::host();
  friend bool operator==(const TensorOverride&, const TensorOverride&) = default;
};

// The pattern as -ot takes it: "blk\.3\.ffn_(up|down|gate_up|gate)_(ch|)exps".
std::string pattern_of(const TensorOverride& moved);

// Which part of a model lies where. As it stands: everything that can be on the GPUs, by their free memory.
struct Placement {
  std::vector<Bytes> free;                // of each GPU; what the default split goes by
  std::vector<double> split;              // -ts, empty: by free memory
  std::optional<std::uint32_t> layers;    // -ngl, the output counts as one; empty: all
  std::vector<TensorOverride> overrides;  // -ot, -cmoe, -ncmoe; the first one that matches counts
  bool offload_operations = true;         // --op-offload: large batches are computed on a GPU anyway
  Backend backend = Backend::cuda;        // that drives the GPUs
  bool as_fit_estimates = false;          // the compute buffers as the runtime's own fit foresees them
  friend bool operator==(const Placement&, const Placement&) = default;
};

// Experts of all layers (-cmoe), of the first `layers` (-ncmoe).
TensorOverride experts_on_host();
std::vector<TensorOverride> experts_on_host(std::uint32_t layers);

}  // namespace vramcalc::llama_cpp
