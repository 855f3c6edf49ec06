#pragma once

#include "runtime/llama_cpp/device_map.hpp"
#include "runtime/llama_cpp/graph/device_rules.hpp"
#include "runtime/llama_cpp/graph/repetition.hpp"
#include "runtime/llama_cpp/graph_settings.hpp"
#include "runtime/llama_cpp/known_placements.hpp"
#include "vramcalc/architecture.hpp"

// What "auto" flash attention becomes (llama.cpp 0.5.0, src/llama-context.cpp, resolve_fused_ops).
namespace vramcalc::llama_cpp {

// With everything on one device: on if the backend has a kernel for every layer's head size and cache type.
bool flash_attention_runs_on_device(const Architecture& architecture, const GraphSettings& settings,
                                    graph::Kernels kernels = graph::Kernels::cuda);

// With any placement: on if every layer's attention is computed on the device of its layer.
bool flash_attention_runs_with_layers(const Architecture& architecture, const GraphSettings& settings,
                                      const DeviceMap& where);

// The same, using the model's known answers and adding new ones to them.
bool flash_attention_runs_with_layers(const Architecture& architecture, const GraphSettings& settings,
                                      const DeviceMap& where, KnownPlacements& known);

// The same from a graph of these layers.
bool flash_attention_runs_with_layers(const Architecture& architecture, const GraphSettings& settings,
                                      const DeviceMap& where, const graph::LayerPlan& plan);

// Whether that may differ from everything on one device.
bool may_part_attention(const GraphSettings& settings, const DeviceMap& where);

}  // namespace vramcalc::llama_cpp
