#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "runtime/llama_cpp/device_map.hpp"
#include "runtime/llama_cpp/graph/linear.hpp"
#include "runtime/llama_cpp/known_placements.hpp"
#include "vramcalc/architecture.hpp"
#include "vramcalc/bytes.hpp"
#include "vramcalc/element_type.hpp"
#include "vramcalc/runtime.hpp"

namespace vramcalc::llama_cpp {

// What the reserved graph depends on (n_ctx, n_ubatch … of llama.cpp 0.5.0), with defaults and paddings.
struct GraphSettings {
  std::uint64_t cells = 4096;      // of one stream of the cache
  std::uint64_t window_cells = 0;  // of one stream of the sliding-window cache
  std::uint32_t streams = 1;       // 1 when unified, else one per sequence
  std::uint32_t sequences = 1;
  std::uint32_t states = 0;           // recurrent states kept; 0 for one per sequence
  std::uint32_t rollback_states = 0;  // earlier states of each sequence that are written too
  std::uint32_t ubatch = 512;         // at most the context
  std::uint32_t outputs = 512;        // rows of logits reserved
  bool flash_attention = true;        // resolved, see flash_attention_runs_on_device
  // Flash attention was "auto". The cache is laid out before that is resolved, so if flash attention turns
  // out to be impossible, values are not stored transposed, as they are when it is switched off.
  bool flash_attention_automatic = false;
  ElementType cache_type_k = ElementType::f16;
  ElementType cache_type_v = ElementType::f16;
  bool cache_on_device = true;
  bool embeddings = false;                      // pooled results instead of logits
  bool predicts = false;                        // the graph of the prediction layers instead of the trunk's
  bool samples = false;                         // tokens are chosen by the graph
  std::vector<std::uint32_t> extracted_layers;  // whose inputs are kept to be copied
  // Rules that changed between releases, see ReleaseRules.
  bool f32_mask = false;
  bool room_for_embeddings = true;
  bool rotates_heads = true;
  bool late_rows = true;
  bool mixed_inputs = false;

  bool transposes_values() const { return !flash_attention && !flash_attention_automatic; }
  friend bool operator==(const GraphSettings&, const GraphSettings&) = default;
};

// The settings of a context that is `step` steps longer than a first one.
using SettingsAt = std::function<GraphSettings(std::uint64_t step)>;

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

// What "auto" becomes: on if the backend has a kernel for every layer's head size and cache type.
bool flash_attention_runs_on_device(const Architecture& architecture, const GraphSettings& settings,
                                    graph::Kernels kernels = graph::Kernels::cuda);

// The same for any placement: on if every layer's attention is computed on the device of its layer.
bool flash_attention_runs_with_layers(const Architecture& architecture, const GraphSettings& settings,
                                      const DeviceMap& where);

// Whether that may differ from everything on one device.
bool may_part_attention(const GraphSettings& settings, const DeviceMap& where);

}  // namespace vramcalc::llama_cpp
