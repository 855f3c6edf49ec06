#include "runtime/llama_cpp/compute_buffer.hpp"

#include "runtime/llama_cpp/graph/builder.hpp"
#include "runtime/llama_cpp/graph/flash_attention.hpp"

namespace vramcalc::llama_cpp {
namespace {

std::vector<std::uint64_t> sizes(const Architecture& architecture, const GraphSettings& settings,
                                 int devices) {
  graph::Backends backends;
  backends.devices = devices;
  graph::Builder builder(architecture, settings, backends);
  graph::build(builder);
  const graph::Schedule schedule = graph::schedule(builder.g, backends);
  return graph::buffer_sizes(builder.g, schedule, devices);
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
  graph::build(builder);
  for (const graph::NodeId id : builder.g.order()) {
    const graph::Node& node = builder.g[id];
    if (node.op == graph::Op::flash_attention && !graph::device_supports_flash_attention(builder.g, node))
      return false;
  }
  return true;
}

}  // namespace vramcalc::llama_cpp
