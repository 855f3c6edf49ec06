#include "runtime/llama_cpp/compute_buffer.hpp"

#include "runtime/llama_cpp/graph/builder.hpp"
#include "runtime/llama_cpp/graph/flash_attention.hpp"

namespace vramcalc::llama_cpp {
namespace {

graph::Placement placed(const Architecture& architecture, const GraphSettings& settings, int devices,
                        const graph::LayerPlan& plan) {
  graph::Backends backends;
  backends.devices = devices;
  graph::Builder builder(architecture, settings, backends);
  graph::build(builder, plan);
  const graph::Schedule schedule = graph::schedule(builder.g, backends, builder.marks);
  return graph::place(builder.g, schedule, devices, plan.recurrences);
}

// Few rounds suffice nearly always; more are tried where the allocator had not come round yet.
std::vector<std::uint64_t> sizes(const Architecture& architecture, const GraphSettings& settings,
                                 int devices) {
  for (const graph::Effort effort : {
           graph::Effort{4, 4, 1},
           graph::Effort{6, 5, 2}
  }) {
    const graph::LayerPlan plan = graph::plan_layers(architecture, effort);
    if (plan.complete()) break;
    const graph::Placement placement = placed(architecture, settings, devices, plan);
    if (placement.recurred) return placement.bytes;
  }
  return placed(architecture, settings, devices, graph::all_layers(architecture)).bytes;
}

}  // namespace

ComputeBuffers compute_buffers(const Architecture& architecture, const GraphSettings& settings) {
  const auto bytes = sizes(architecture, settings, 1);
  return {Bytes(bytes[0]), Bytes(bytes[1])};
}

Bytes cpu_compute_buffer(const Architecture& architecture, const GraphSettings& settings) {
  return Bytes(sizes(architecture, settings, 0)[0]);
}

bool flash_attention_runs_on_device(const Architecture& architecture, const GraphSettings& settings) {
  GraphSettings probe = settings;
  probe.flash_attention = true;
  graph::Builder builder(architecture, probe, {});
  graph::build(builder, graph::plan_layers(architecture, {1, 1, 1}));
  for (const graph::NodeId id : builder.g.order()) {
    const graph::Node& node = builder.g[id];
    if (node.op == graph::Op::flash_attention && !graph::device_supports_flash_attention(builder.g, node))
      return false;
  }
  return true;
}

}  // namespace vramcalc::llama_cpp
