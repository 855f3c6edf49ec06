#include "runtime/llama_cpp/graph/builder.hpp"

#include <algorithm>
#include <string>

#include "vramcalc/error.hpp"

namespace vramcalc::llama_cpp::graph {
namespace {

// With copies of every input, batches follow each other through the devices (src/llama-context.cpp). The
// devices are assumed to compute while they copy, as CUDA ones do.
constexpr int pipeline_copies = 4;

bool pipelines(const DeviceMap& where, const GraphSettings& settings) {
  return where.devices > 1 && where.pipeline_parallel && where.everything_on_devices() &&
         settings.cache_on_device && !where.overridden;
}

Backends backends_of(const DeviceMap& where, const GraphSettings& settings) {
  return {where.devices, where.offload_operations, pipelines(where, settings) ? pipeline_copies : 1,
          where.rules};
}

}  // namespace

Builder::Builder(const Architecture& architecture, const GraphSettings& settings, const DeviceMap& devices)
    : a(architecture),
      s(resolved(architecture, settings)),
      where(devices),
      backends(backends_of(devices, settings)),
      tokens(round_up(settings.ubatch, settings.sequences)),
      outputs(std::min(settings.outputs, settings.ubatch)),
      windowed(std::any_of(architecture.blocks.begin(), architecture.blocks.end(), has_window)) {}

NodeId Builder::weight(Role role, std::uint64_t ne0, std::uint64_t ne1, std::uint64_t ne2) {
  const Extent ne = {ne0, ne1, ne2, 1};
  if (const MovedWeight* moved = moved_weight(role))
    return g.stored(Storage::weight, backend_of(moved->device), moved->type, ne);
  if (layer_backend == backends.cpu() && !where.moved_weights.empty())
    throw Error(ErrorCode::bad_value, std::string(stem_of(role)) + ": the type of this weight is unknown");
  // The size matters only for a copy.
  return g.stored(Storage::weight, layer_backend, ElementType::f16, ne);
}

NodeId Builder::vectors(Names names, std::uint64_t ne0, std::uint64_t ne1) {
  const MovedWeight* moved = nullptr;
  for (const TensorKind& name : names)
    if (moved == nullptr) moved = moved_weight(name);
  return g.stored(Storage::weight, moved != nullptr ? backend_of(moved->device) : layer_backend,
                  ElementType::f32, {ne0, ne1, 1, 1});
}

NodeId Builder::input_weight(Role role, ElementType type, std::uint64_t ne0, std::uint64_t ne1) {
  const auto moved = std::ranges::find(where.moved_inputs, TensorKind(role), &MovedWeight::kind);
  if (moved == where.moved_inputs.end())
    return g.stored(Storage::weight, backends.cpu(), type, {ne0, ne1, 1, 1});
  return g.stored(Storage::weight, backend_of(moved->device), moved->type, {ne0, ne1, 1, 1});
}

NodeId Builder::project(Role role, NodeId x, std::uint64_t rows, bool bias) {
  const NodeId result = mul_mat(g, weight(role, g[x].ne[0], rows), x);
  return bias ? add(g, result,
                    vector(rows,
                           {
                               {role, Component::bias}
  }))
              : result;
}

NodeId Builder::rope_factors(bool in_window) {
  if (a.rope_table == Architecture::RopeTable::none || (in_window && a.graph.plain_rope_in_windows))
    return no_node;
  rope_tables.resize(static_cast<std::size_t>(backends.devices) + 1, no_node);
  NodeId& table = rope_tables[static_cast<std::size_t>(layer_backend)];
  if (table == no_node) table = vector(a.rope_table_length, {});
  return table;
}

// The weight if it is not on the device of its layer, else null.
const MovedWeight* Builder::moved_weight(TensorKind kind) const {
  if (where.moved_weights.empty()) return nullptr;
  const auto candidates = where.moved_weights_of(in_layer ? static_cast<std::int32_t>(layer) : -1);
  const auto found = std::ranges::find(candidates, kind, &MovedWeight::kind);
  return found == candidates.end() ? nullptr : &*found;
}

void Builder::enter_input() {
  in_layer = false;
  layer_backend = backend_of(where.of_layer(0));
}

void Builder::enter_layer(std::size_t number) {
  layer = number;
  in_layer = true;
  layer_backend = backend_of(where.of_layer(number));
}

void Builder::enter_output() {
  in_layer = false;
  layer_backend = backend_of(where.output);
}

}  // namespace vramcalc::llama_cpp::graph
