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
#include "vramcalc/role.hpp"
#include "vramcalc/tensor.hpp"

namespace vramcalc::llama_cpp {

// A weight that is not on its layer's device, or that is on the host with its layer although there are
// devices. Its type matters because large batches copy host weights to a device.
struct MovedWeight {
  std::int32_t layer = -1;  // -1 outside the layers
  TensorKind kind;
  ElementType type = ElementType::f32;
  std::int8_t device = -1;  // the device that it was moved to, or DeviceMap::host
  friend bool operator==(const MovedWeight&, const MovedWeight&) = default;
};

// Where the parts of a model are. Default: everything except the token embedding on one device.
struct DeviceMap {
  static constexpr std::int8_t host = -1;
  static constexpr std::int8_t device_of(Place place) {
    return place.is_host() ? host : static_cast<std::int8_t>(place.gpu_index());
  }

  std::int8_t devices = 1;
  std::vector<std::int8_t> layers;  // device of each block, including MTP layers; empty for the first device
  std::int8_t output = 0;           // device of the final norm and the output matrix
  bool offload_operations = true;   // --op-offload: a device computes large batches anyway
  // As --fit estimates (ggml_backend_sched_reserve_size): assignments to backends are ignored, and only the
  // graph for prompts counts.
  bool dry_run = false;
  // llama.cpp falls back to false if the larger buffers cannot be allocated.
  bool pipeline_parallel = true;
  bool overridden = false;                 // single tensors were moved (-ot, -cmoe, -ncmoe)
  std::vector<MovedWeight> moved_weights;  // ordered by layer
  graph::DeviceRules rules;                // of the devices' backend
  std::vector<MovedWeight> moved_inputs;   // input tensors that are not on the host

  // Layers that the model does not have are on the device of the output.
  std::int8_t of_layer(std::size_t layer) const {
    if (layers.empty()) return 0;
    return layer < layers.size() ? layers[layer] : output;
  }
  bool everything_on_devices() const;  // except the token embedding and moved tensors
  std::span<const MovedWeight> moved_weights_of(std::int32_t layer) const;

  friend bool operator==(const DeviceMap&, const DeviceMap&) = default;
};

// Where everything is: the map for the graph, and the device of each tensor (which may be DeviceMap::host).
struct Locations {
  DeviceMap map;
  std::vector<std::int8_t> tensors;
  std::vector<bool> overridden;  // for each tensor, whether an override decides its device
};

// Layers from the last one backwards, spread over the devices by their shares (llama.cpp 0.5.0,
// src/llama-model.cpp, load_tensors). `tensors` and `types` list the model's tensors; `known` caches what the
// overrides match. Error (bad_value) for an override that is not a regular expression, takes too long to
// match or names a missing device.
Locations locate(const Architecture& architecture, std::span<const Tensor> tensors,
                 std::span<const ElementType> types, const Placement& placement, KnownOverrides& known);
Locations locate(const Architecture& architecture, std::span<const Tensor> tensors,
                 std::span<const ElementType> types, const Placement& placement);

// Only the map of layers.
DeviceMap map_of_layers(const Architecture& architecture, const Placement& placement);

// Only the devices.
std::vector<std::int8_t> devices_of_tensors(const Architecture& architecture, std::span<const Tensor> tensors,
                                            const Placement& placement);

// A matrix of a layer's feed-forward part, with or without experts.
bool is_feed_forward(Role role);

// Looked up row by row on the host, whatever is offloaded (src/llama-arch.cpp: the input layer's tensors).
bool is_input_tensor(const Tensor& tensor);

}  // namespace vramcalc::llama_cpp
