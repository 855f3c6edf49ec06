#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "vramcalc/architecture.hpp"
#include "vramcalc/element_type.hpp"
#include "vramcalc/tensor.hpp"

namespace vramcalc::llama_cpp {

// A weight that lies in host memory although there are devices. Its type matters, since a large batch copies
// it to a device.
struct HostWeight {
  std::int32_t layer = -1;  // -1: of no layer
  std::string_view name;    // "attn_q.weight", without the layer; the text is the tensor list's
  ElementType type = ElementType::f32;
  friend bool operator==(const HostWeight&, const HostWeight&) = default;
};

// Where the parts of a model lie. As it stands: everything but the token embedding on one device.
struct DeviceMap {
  static constexpr std::int8_t host = -1;

  std::int8_t devices = 1;
  std::vector<std::int8_t> layers;  // device of each block, MTP layers included; empty: the first one
  std::int8_t output = 0;           // device of the final norm and the output matrix
  bool offload_operations = true;   // --op-offload: large batches are computed on a device anyway
  // As --fit estimates (ggml_backend_sched_reserve_size): what was told where to run is forgotten, and only
  // the graph for prompts counts.
  bool dry_run = false;
  // What llama.cpp falls back from where its larger buffers cannot be allocated.
  bool pipeline_parallel = true;
  bool overridden = false;               // single tensors were moved (-ot, -cmoe, -ncmoe)
  std::vector<HostWeight> host_weights;  // in order of their layers

  std::int8_t of_layer(std::size_t layer) const { return layers.empty() ? std::int8_t{0} : layers[layer]; }
  bool everything_on_devices() const;  // but the token embedding, and what was moved
  std::span<const HostWeight> host_weights_of(std::int32_t layer) const;

  friend bool operator==(const DeviceMap&, const DeviceMap&) = default;
};

// Which weights of a layer on a device are left on the host all the same: those of the experts (-ncmoe), or
// what --fit moves of the one layer that fits in part (common/fit.cpp, get_overflow_pattern).
enum class HostPart : std::uint8_t { none, experts, feed_forward, feed_forward_but_up, feed_forward_down };

// What is asked for on the command line.
struct Offloading {
  std::int8_t devices = 1;
  std::vector<double> tensor_split;     // -ts; empty: the same for every device
  std::optional<std::uint32_t> layers;  // -ngl; empty: all
  std::vector<HostPart> host_parts;     // of each layer; none where the list ends
  bool operations = true;               // --op-offload
};

// Layers from the last one backwards, spread over the devices by their shares (llama.cpp 0.5.0,
// src/llama-model.cpp, load_tensors). `tensors` and `types` list the model's tensors; the map shows their
// names.
DeviceMap device_map(const Architecture& architecture, std::span<const Tensor> tensors,
                     std::span<const ElementType> types, const Offloading& offloading);

}  // namespace vramcalc::llama_cpp
