#include "runtime/llama_cpp/compute_buffer.hpp"

#include <algorithm>

#include "runtime/llama_cpp/graph/builder.hpp"
#include "runtime/llama_cpp/graph/flash_attention.hpp"

namespace vramcalc::llama_cpp {
namespace {

graph::Placement placed(const Architecture& architecture, const GraphSettings& settings,
                        const DeviceMap& where, const graph::LayerPlan& plan) {
  graph::Builder builder(architecture, settings, where);
  graph::build(builder, plan);
  const graph::Schedule schedule = graph::schedule(builder.g, builder.backends, builder.marks);
  return graph::place(builder.g, schedule, where.devices, plan.recurrences);
}

// Few rounds suffice nearly always; more are tried where the allocator had not come round yet.
std::vector<std::uint64_t> sizes(const Architecture& architecture, const GraphSettings& settings,
                                 const DeviceMap& where) {
  for (const graph::Effort effort : {
           graph::Effort{4, 4, 1},
           graph::Effort{6, 5, 2}
  }) {
    const graph::LayerPlan plan = graph::plan_layers(architecture, where, effort);
    if (plan.complete()) break;
    const graph::Placement placement = placed(architecture, settings, where, plan);
    if (placement.recurred) return placement.bytes;
  }
  return placed(architecture, settings, where, graph::all_layers(architecture)).bytes;
}

// Besides the graph for prompts llama.cpp reserves one for a token a sequence (src/llama-context.cpp,
// sched_reserve). On a device it never needs more; the host, which computes small batches of what lies there,
// may.
bool small_batches_count(const DeviceMap& where) {
  return !where.dry_run && where.devices > 0 && where != DeviceMap{};
}

GraphSettings for_small_batch(GraphSettings settings) {
  settings.ubatch = settings.outputs = settings.sequences;
  return settings;
}

GraphSettings for_one_sequence(GraphSettings settings) {
  settings.states = settings.sequences;
  settings.sequences = 1;
  return settings;
}

std::vector<std::uint64_t> reserved(const Architecture& architecture, const GraphSettings& settings,
                                    const DeviceMap& where) {
  std::vector<std::uint64_t> result = sizes(architecture, settings, where);
  const auto include = [&](const GraphSettings& other) {
    const auto more = sizes(architecture, other, where);
    std::transform(result.begin(), result.end(), more.begin(), result.begin(),
                   [](std::uint64_t a, std::uint64_t b) { return std::max(a, b); });
  };
  if (small_batches_count(where)) include(for_small_batch(settings));
  if (architecture.graph.reserves_one_sequence && !where.dry_run && settings.sequences > 1)
    include(for_one_sequence(settings));
  return result;
}

}  // namespace

ComputeBuffers compute_buffers(const Architecture& architecture, const GraphSettings& settings) {
  const auto bytes = reserved(architecture, settings, {});
  return {Bytes(bytes[0]), Bytes(bytes[1])};
}

std::vector<Bytes> compute_buffers(const Architecture& architecture, const GraphSettings& settings,
                                   const DeviceMap& where) {
  std::vector<Bytes> result;
  for (const std::uint64_t bytes : reserved(architecture, settings, where)) result.emplace_back(bytes);
  return result;
}

Bytes cpu_compute_buffer(const Architecture& architecture, const GraphSettings& settings) {
  DeviceMap nowhere;
  nowhere.devices = 0;
  nowhere.layers.assign(architecture.blocks.size(), DeviceMap::host);
  nowhere.output = DeviceMap::host;
  return compute_buffers(architecture, settings, nowhere)[0];
}

bool flash_attention_runs_on_device(const Architecture& architecture, const GraphSettings& settings) {
  GraphSettings probe = settings;
  probe.flash_attention = true;
  const DeviceMap one_device;
  graph::Builder builder(architecture, probe, one_device);
  graph::build(builder, graph::plan_layers(architecture, one_device, {1, 1, 1}));
  for (const graph::NodeId id : builder.g.order()) {
    const graph::Node& node = builder.g[id];
    if (node.op == graph::Op::flash_attention && !graph::device_supports_flash_attention(builder.g, node))
      return false;
  }
  return true;
}

}  // namespace vramcalc::llama_cpp
