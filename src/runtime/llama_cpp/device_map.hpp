#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "runtime/llama_cpp/graph/device_rules.hpp"
#include "runtime/llama_cpp/known_placements.hpp"
#include "vramcalc/architecture.hpp"
#include "vramcalc/element_type.hpp"
#include "vramcalc/llama_cpp/placement.hpp"
#include "vramcalc/tensor.hpp"

namespace vramcalc::llama_cpp {

// A weight that lies elsewhere than its layer, or with its layer on the host although there are devices. Its
// type matters, since a large batch copies what lies on the host to a device.
struct MovedWeight {
  std::int32_t layer = -1;  // -1: of no layer
  Role role = Role::other;
  ElementType type = ElementType::f32;
  std::int8_t device = -1;  // DeviceMap::host, or the device that it was moved to
  friend bool operator==(const MovedWeight&, const MovedWeight&) = default;
};

// Where the parts of a model lie. As it stands: everything but the token embedding on one device.
struct DeviceMap {
  static constexpr std::int8_t host = -1;
  static constexpr std::int8_t device_of(Place place) {
    return place.is_host() ? host : static_cast<std::int8_t>(place.gpu_index());
  }

  std::int8_t devices = 1;
  std::vector<std::int8_t> layers;  // device of each block, MTP layers included; empty: the first one
  std::int8_t output = 0;           // device of the final norm and the output matrix
  bool offload_operations = true;   // --op-offload: large batches are computed on a device anyway
  // As --fit estimates (ggml_backend_sched_reserve_size): what was told where to run is forgotten, and only
  // the graph for prompts counts.
  bool dry_run = false;
  // What llama.cpp falls back from where its larger buffers cannot be allocated.
  bool pipeline_parallel = true;
  bool overridden = false;                 // single tensors were moved (-ot, -cmoe, -ncmoe)
  std::vector<MovedWeight> moved_weights;  // in order of their layers
  graph::DeviceRules rules;                // of the backend that drives the devices
  std::vector<MovedWeight> moved_inputs;   // of the input's tensors those that do not lie on the host

  // What is of a layer that the model does not have lies with the output.
  std::int8_t of_layer(std::size_t layer) const {
    if (layers.empty()) return 0;
    return layer < layers.size() ? layers[layer] : output;
  }
  bool everything_on_devices() const;  // but the token embedding, and what was moved
  std::span<const MovedWeight> moved_weights_of(std::int32_t layer) const;

  friend bool operator==(const DeviceMap&, const DeviceMap&) = default;
};

// Where everything lies: the map for the graph, and the device of each tensor by itself (DeviceMap::host
// too).
struct Locations {
  DeviceMap map;
  std::vector<std::int8_t> tensors;
  std::vector<bool> overridden;  // of each tensor: it lies where an override sends it
};

// Layers from the last one backwards, spread over the devices by their shares (llama.cpp 0.5.0,
// src/llama-model.cpp, load_tensors). `tensors` and `types` list the model's tensors; `known` keeps what the
// overrides matched for the next placement of these tensors. Error (bad_value) for an override that is not a
// regular expression, takes too long to match or names a device that is not there.
Locations locate(const Architecture& architecture, std::span<const Tensor> tensors,
                 std::span<const ElementType> types, const Placement& placement, KnownOverrides& known);
Locations locate(const Architecture& architecture, std::span<const Tensor> tensors,
                 std::span<const ElementType> types, const Placement& placement);

// The map of layers alone.
DeviceMap map_of_layers(const Architecture& architecture, const Placement& placement);

// The devices alone.
std::vector<std::int8_t> devices_of_tensors(const Architecture& architecture, std::span<const Tensor> tensors,
                                            const Placement& placement);

// Looked up row by row on the host, whatever is offloaded (src/llama-arch.cpp: the input layer's tensors).
bool is_input_tensor(const Tensor& tensor);

}  // namespace vramcalc::llama_cpp
