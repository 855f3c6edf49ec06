#pragma once

#include "runtime/llama_cpp/backend/bounds.hpp"
#include "runtime/llama_cpp/device_map.hpp"
#include "runtime/llama_cpp/graph_settings.hpp"
#include "runtime/llama_cpp/growth.hpp"
#include "vramcalc/architecture.hpp"

namespace vramcalc::llama_cpp {

// What decides whether a margin is needed.
struct PlacedGraph {
  const Architecture& architecture;
  const GraphSettings& settings;
  const DeviceMap& where;
};

// Of a device's buffer or the host's.
Margin margin_for(const Bounds& bounds, const ReleaseRules& rules, const PlacedGraph& about, bool host);

// Releases since June 2026 build the graphs of 0.5.0 for CUDA. Those of Metal and Vulkan are known for 0.5.0
// itself.
bool has_known_graphs(const ReleaseRules& rules, Backend backend);

// Metal has no host memory of its own, so weights on the host are rearranged for the CPU if it has kernels
// for their types (src/llama-model.cpp, make_cpu_buft_list). Such weights are not copied to a device for
// large batches, and which types these are depends on the CPU.
bool may_repack(Backend backend, const DeviceMap& where);

}  // namespace vramcalc::llama_cpp
