#include "runtime/llama_cpp/automatic_flash_attention.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "runtime/llama_cpp/graph/builder.hpp"
#include "runtime/llama_cpp/graph/device_support.hpp"
#include "runtime/llama_cpp/graph/scheduler.hpp"

namespace vramcalc::llama_cpp {
namespace {

// It is tried with one token per sequence, and on the devices even where buffers are only estimated.
GraphSettings tried_settings(const GraphSettings& settings) {
  GraphSettings tried = for_small_batch(settings);
  tried.flash_attention = true;
  return tried;
}

// Whether nothing of the feed-forward part is computed between attention and its output matrix.
bool is_sequential(const Architecture& architecture) {
  const bool in_turn = architecture.wiring == Wiring::pre_norm || architecture.wiring == Wiring::sandwich;
  return in_turn && !architecture.graph.experts_read_block_input && !architecture.hyper_connections &&
         !architecture.alternating_updates && !architecture.attention_residual_scores;
}

// Puts each feed-forward part on the device of its layer.
void put_with_layers(std::vector<MovedWeight>& weights, const DeviceMap& where) {
  const auto device_of_layer = [&](const MovedWeight& moved) {
    return where.of_layer(static_cast<std::size_t>(moved.layer));
  };
  for (MovedWeight& moved : weights)
    if (moved.layer >= 0 && is_feed_forward(moved.kind.role)) moved.device = device_of_layer(moved);
  std::erase_if(weights, [&](const MovedWeight& moved) {
    return moved.layer >= 0 && moved.device != DeviceMap::host && moved.device == device_of_layer(moved);
  });
}

// Attention goes to the backend of the operations before and after it, which are in its own layer or in those
// next to it. So it mostly makes no difference where the feed-forward parts are and, as CUDA multiplies by
// weights of any type, never which types they have.
DeviceMap tried_map(const Architecture& architecture, DeviceMap where) {
  where.dry_run = false;
  if (!where.overridden) where.moved_weights.clear();
  for (MovedWeight& moved : where.moved_weights) moved.type = ElementType::f16;
  if (is_sequential(architecture)) put_with_layers(where.moved_weights, where);
  return where;
}

// A few layers stand for many equal ones: the first, the last, and one between them.
graph::LayerPlan tried_layers(const Architecture& architecture, const GraphSettings& settings,
                              const DeviceMap& where) {
  constexpr graph::KeptRounds few{3, 2, 1};
  if (settings.predicts) return graph::first_prediction_layer(architecture);
  if (architecture.draft_head) return graph::all_layers(architecture);
  return graph::plan_layers(architecture, where, few);
}

// The steps are in the order in which attention was built.
bool runs_where_built(const std::vector<graph::Step>& attended, const std::vector<graph::Step>& steps) {
  auto at = steps.begin();
  return std::ranges::all_of(attended, [&](const graph::Step& each) {
    at = std::find(at, steps.end(), each);
    return at != steps.end();
  });
}

}  // namespace

bool flash_attention_runs_on_device(const Architecture& architecture, const GraphSettings& settings,
                                    graph::Kernels kernels) {
  GraphSettings probe = settings;
  probe.flash_attention = true;
  const DeviceMap one_device;
  graph::Builder builder(architecture, probe, one_device);
  graph::build_attention(builder);
  const graph::Graph& graph = builder.g;
  for (graph::NodeId id = 0; id < static_cast<graph::NodeId>(graph.size()); ++id)
    if (graph[id].op == graph::Op::flash_attention && !graph::device_supports(graph, graph[id], kernels))
      return false;
  return true;
}

bool may_part_attention(const GraphSettings& settings, const DeviceMap& where) {
  return !where.everything_on_devices() || where.overridden || !settings.cache_on_device;
}

bool flash_attention_runs_with_layers(const Architecture& architecture, const GraphSettings& settings,
                                      const DeviceMap& where, const graph::LayerPlan& plan) {
  graph::Builder builder(architecture, tried_settings(settings), where);
  graph::build(builder, plan);
  const graph::Schedule schedule = graph::schedule(builder.g, builder.backends);
  return runs_where_built(builder.attended, schedule.steps);
}

bool flash_attention_runs_with_layers(const Architecture& architecture, const GraphSettings& settings,
                                      const DeviceMap& where) {
  const DeviceMap tried = tried_map(architecture, where);
  return flash_attention_runs_with_layers(architecture, settings, tried,
                                          tried_layers(architecture, settings, tried));
}

bool flash_attention_runs_with_layers(const Architecture& architecture, const GraphSettings& settings,
                                      const DeviceMap& where, KnownPlacements& known) {
  const DeviceMap tried = tried_map(architecture, where);
  const graph::LayerPlan plan = tried_layers(architecture, settings, tried);
  KnownFlashAttention answer{tried_settings(settings), graph::signature(architecture, tried, plan)};
  for (const KnownFlashAttention& each : known.flash_attention)
    if (each.settings == answer.settings && each.layers == answer.layers) return each.runs;
  answer.runs = flash_attention_runs_with_layers(architecture, settings, tried, plan);
  return known.flash_attention.emplace_back(std::move(answer)).runs;
}

}  // namespace vramcalc::llama_cpp
