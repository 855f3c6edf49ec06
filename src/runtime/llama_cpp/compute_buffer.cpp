#include "runtime/llama_cpp/compute_buffer.hpp"

#include <algorithm>

#include "runtime/llama_cpp/graph/builder.hpp"
#include "runtime/llama_cpp/graph/flash_attention.hpp"

namespace vramcalc::llama_cpp {
namespace {

struct Scheduled {
  Scheduled(const Architecture& architecture, const GraphSettings& settings, const DeviceMap& where,
            const graph::LayerPlan& plan)
      : builder(architecture, settings, where) {
    graph::build(builder, plan);
    schedule = graph::schedule(builder.g, builder.backends, builder.marks);
  }
  graph::Builder builder;
  graph::Schedule schedule;
};

bool same_structure(const Scheduled& a, const Scheduled& b) {
  return graph::same_structure(a.builder.g, a.schedule, b.builder.g, b.schedule);
}

// Graphs of one model and one plan of its layers, for longer and longer contexts.
class Stretch {
 public:
  Stretch(const Architecture& architecture, const SettingsAt& settings, const DeviceMap& where,
          const graph::LayerPlan& plan)
      : architecture_(architecture), settings_(settings), where_(where), plan_(plan) {}

  graph::Placement placed(std::uint64_t steps) const {
    const Scheduled first = scheduled(0);
    if (steps > 0) {
      const Scheduled next = scheduled(1);
      if (same_structure(first, next)) {
        const graph::GraphPair graphs{first.builder.g, next.builder.g};
        graph::Placement placement = place(graphs, first, steps);
        placement.steps = grown(graphs, first, placement.steps);
        if (!placement.recurred || placement.steps > 0) return placement;
      }
    }
    return place({first.builder.g, first.builder.g}, first, 0);
  }

 private:
  Scheduled scheduled(std::uint64_t step) const { return {architecture_, settings_(step), where_, plan_}; }

  graph::Placement place(const graph::GraphPair& graphs, const Scheduled& first, std::uint64_t steps) const {
    return graph::place(graphs, first.schedule, where_.devices, plan_.recurrences, steps);
  }

  // How far sizes really go on as they began: a window, or a limit, may end their growth.
  std::uint64_t grown(const graph::GraphPair& graphs, const Scheduled& first, std::uint64_t steps) const {
    for (; steps > 0; steps /= 2) {
      const Scheduled last = scheduled(steps);
      if (same_structure(first, last) && graph::grows_evenly(graphs, last.builder.g, steps)) break;
    }
    return steps;
  }

  const Architecture& architecture_;
  const SettingsAt& settings_;
  const DeviceMap& where_;
  const graph::LayerPlan& plan_;
};

// Few rounds suffice nearly always; more are tried where the allocator had not come round yet.
BufferStretch sizes(const Architecture& architecture, const SettingsAt& settings, const DeviceMap& where,
                    std::uint64_t steps) {
  const auto placed = [&](const graph::LayerPlan& plan) {
    return Stretch(architecture, settings, where, plan).placed(steps);
  };
  for (const graph::Effort effort : {
           graph::Effort{4, 4, 1},
           graph::Effort{6, 5, 2}
  }) {
    const graph::LayerPlan plan = graph::plan_layers(architecture, where, effort);
    if (plan.complete()) break;
    graph::Placement placement = placed(plan);
    if (placement.recurred) return {std::move(placement.bytes), placement.steps};
  }
  graph::Placement placement = placed(graph::all_layers(architecture));
  return {std::move(placement.bytes), placement.steps};
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

// The larger one of two buffers, for as long as it stays the larger one.
BufferStretch larger(BufferStretch a, const BufferStretch& b) {
  graph::Horizon horizon(std::min(a.steps, b.steps));
  for (std::size_t i = 0; i < a.bytes.size(); ++i)
    if (horizon.less(a.bytes[i], b.bytes[i])) a.bytes[i] = b.bytes[i];
  a.steps = horizon.steps();
  return a;
}

}  // namespace

BufferStretch compute_buffer_stretch(const Architecture& architecture, const SettingsAt& settings,
                                     const DeviceMap& where, std::uint64_t steps) {
  BufferStretch result = sizes(architecture, settings, where, steps);
  const auto include = [&](GraphSettings (*variant)(GraphSettings)) {
    const SettingsAt other = [&](std::uint64_t step) { return variant(settings(step)); };
    result = larger(std::move(result), sizes(architecture, other, where, result.steps));
  };
  if (small_batches_count(where)) include(for_small_batch);
  if (architecture.graph.reserves_one_sequence && !where.dry_run && settings(0).sequences > 1)
    include(for_one_sequence);
  return result;
}

std::vector<Bytes> compute_buffers(const Architecture& architecture, const GraphSettings& settings,
                                   const DeviceMap& where) {
  const SettingsAt always = [&](std::uint64_t) { return settings; };
  std::vector<Bytes> result;
  for (const graph::Linear& buffer : compute_buffer_stretch(architecture, always, where, 0).bytes)
    result.emplace_back(buffer.at);
  return result;
}

ComputeBuffers compute_buffers(const Architecture& architecture, const GraphSettings& settings) {
  const std::vector<Bytes> bytes = compute_buffers(architecture, settings, DeviceMap{});
  return {bytes[0], bytes[1]};
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
  graph::build_attention(builder);
  const graph::Graph& graph = builder.g;
  for (graph::NodeId id = 0; id < static_cast<graph::NodeId>(graph.size()); ++id)
    if (graph[id].op == graph::Op::flash_attention &&
        !graph::device_supports_flash_attention(graph, graph[id]))
      return false;
  return true;
}

}  // namespace vramcalc::llama_cpp
