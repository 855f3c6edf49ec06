#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "runtime/llama_cpp/device_map.hpp"
#include "runtime/llama_cpp/graph/linear.hpp"
#include "runtime/llama_cpp/graph_settings.hpp"
#include "runtime/llama_cpp/known_placements.hpp"
#include "vramcalc/architecture.hpp"
#include "vramcalc/bytes.hpp"

namespace vramcalc::llama_cpp {

// Bytes for each device, then for the host, and for how many steps they grow evenly.
struct BufferGrowth {
  std::vector<graph::Linear> bytes;
  std::uint64_t steps = 0;
};

class ScheduledGraphs;

struct ComputeBuffers {
  Bytes device;
  Bytes host;
  friend bool operator==(const ComputeBuffers&, const ComputeBuffers&) = default;
};

// The exact compute buffers of llama.cpp 0.5.0 for prompt processing with everything on one CUDA device.
ComputeBuffers compute_buffers(const Architecture& architecture, const GraphSettings& settings);

// The same for any placement: bytes for each device, then for the host.
std::vector<Bytes> compute_buffers(const Architecture& architecture, const GraphSettings& settings,
                                   const DeviceMap& where);

// The contexts at which one model is estimated: now at `cells` cells per stream, later perhaps at others.
// Between `first` and `last` only the cells change in the settings.
struct AskedContexts {
  std::uint64_t first = 0, cells = 0, last = 0;
  std::function<GraphSettings(std::uint64_t cells)> settings;
};

// The same for the requested buffers, using the model's known graphs and adding new ones to them.
std::vector<Bytes> compute_buffers(const Architecture& architecture, const AskedContexts& contexts,
                                   const DeviceMap& where, Buffers buffers, KnownPlacements& known);

// The same for a range of at most `steps` steps, which may be shorter, down to the first context alone.
BufferGrowth growth_of_buffers(const Architecture& architecture, const SettingsAt& settings,
                               const DeviceMap& where, std::uint64_t steps);

// The same for one of several kinds of devices, which share the graphs of the model that they schedule alike.
BufferGrowth growth_of_buffers(const Architecture& architecture, const SettingsAt& settings,
                               const DeviceMap& where, std::uint64_t steps, ScheduledGraphs& graphs);

}  // namespace vramcalc::llama_cpp
