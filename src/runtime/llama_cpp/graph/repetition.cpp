#include "runtime/llama_cpp/graph/repetition.hpp"

#include <algorithm>

#include "runtime/llama_cpp/graph/builder.hpp"

namespace vramcalc::llama_cpp::graph {
namespace {

constexpr std::size_t longest_period = 12;

// The same operations on the same shapes.
bool built_alike(const Architecture& a, std::size_t i, std::size_t j) {
  if (a.attention_residual_scores) return i == j;  // each kept state makes the next layers different
  if (i != j && std::max(i, j) < a.graph.stacked_embeddings + 1u) return false;
  const bool sparse = a.alternating_updates && i < a.alternating_updates->sparse_layers;
  const bool other_sparse = a.alternating_updates && j < a.alternating_updates->sparse_layers;
  return sparse == other_sparse && a.blocks[i] == a.blocks[j];
}

// Whether the same weights, of the same types, were moved: their copies take part in the placement.
bool moved_alike(const DeviceMap& where, std::size_t i, std::size_t j) {
  const auto a = where.moved_weights_of(static_cast<std::int32_t>(i));
  const auto b = where.moved_weights_of(static_cast<std::int32_t>(j));
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const MovedWeight& x, const MovedWeight& y) {
    return x.kind == y.kind && x.type == y.type && x.device == y.device;
  });
}

bool alike(const Architecture& a, const DeviceMap& where, std::size_t i, std::size_t j) {
  return where.of_layer(i) == where.of_layer(j) && built_alike(a, i, j) && moved_alike(where, i, j);
}

// A number for every layer, which is the same for equal layers.
std::vector<std::size_t> kinds_of(const Architecture& a, const DeviceMap& where, std::size_t layers) {
  std::vector<std::size_t> first_of_kind, kinds;
  for (std::size_t i = 0; i < layers; ++i) {
    const auto known = std::find_if(first_of_kind.begin(), first_of_kind.end(),
                                    [&](std::size_t first) { return alike(a, where, i, first); });
    kinds.push_back(static_cast<std::size_t>(known - first_of_kind.begin()));
    if (known == first_of_kind.end()) first_of_kind.push_back(i);
  }
  return kinds;
}

struct Run {
  std::size_t period = 1;
  std::size_t rounds = 1;
  std::size_t layers() const { return period * rounds; }
};

// The run from `begin` that covers most layers, with the shortest period among equals.
Run longest_run(const std::vector<std::size_t>& kinds, std::size_t begin) {
  Run best;
  for (std::size_t period = 1; period <= longest_period; ++period) {
    std::size_t end = begin + period;
    while (end < kinds.size() && kinds[end] == kinds[end - period]) ++end;
    const Run run{period, (end - begin) / period};
    if (run.rounds > 1 && run.layers() > best.layers()) best = run;
  }
  return best;
}

// The last kept round represents the last round of all, in which an input may be read for the last time. The
// state before it is compared with the state `step` rounds earlier.
void append(LayerPlan& plan, std::size_t begin, const Run& run, const KeptRounds& kept_rounds) {
  const std::size_t start = plan.layers.size();
  const std::size_t enough = run.period == 1 ? kept_rounds.single : kept_rounds.several;
  const std::size_t step = kept_rounds.step;
  const std::size_t left_out = run.rounds > enough ? (run.rounds - enough) / step * step : 0;
  const std::size_t kept = run.rounds - left_out;
  for (std::size_t i = 0; i < kept * run.period; ++i) plan.layers.push_back(begin + i);
  if (left_out == 0) return;
  const std::size_t last = start + (kept - 1) * run.period;
  plan.recurrences.push_back({last - step * run.period, last, run.period});
}

class Signature {
 public:
  void add(std::size_t number) { text_ += std::to_string(number) += ' '; }
  void add(std::span<const MovedWeight> moved) {
    for (const MovedWeight& each : moved) {
      add(static_cast<std::size_t>(each.kind.role));
      add(static_cast<std::size_t>(each.kind.component));
      add(static_cast<std::size_t>(each.type));
      add(static_cast<std::size_t>(each.device + 1));
    }
    text_ += ';';
  }
  void add(const DeviceRules& rules) {
    add(static_cast<std::size_t>(rules.scratch));
    add(static_cast<std::size_t>(rules.order));
    add(static_cast<std::size_t>(rules.kernels));
    add(static_cast<std::size_t>(rules.generation));
    for (const std::uint64_t bytes : {rules.alignment, rules.host_alignment, rules.largest_buffer})
      add(bytes);
    add(std::size_t{rules.pads_quantized_rows});
    add(std::size_t{rules.copies_cache});
    add(std::size_t{rules.fuses_sum_of_experts});
    add(std::size_t{rules.fuses_choice_of_experts});
  }
  std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

// The kept layer whose cache this one reads; any other cache is made on the spot.
std::size_t cache_read(const Architecture& a, const LayerPlan& plan, std::size_t layer) {
  const auto* attention = std::get_if<GroupedQueryAttention>(&a.blocks[layer].attention);
  if (attention == nullptr || !attention->reuses_cache_of) return plan.layers.size();
  const auto at = std::find(plan.layers.begin(), plan.layers.end(), *attention->reuses_cache_of);
  return static_cast<std::size_t>(at - plan.layers.begin());
}

}  // namespace

std::string signature(const Architecture& a, const DeviceMap& where, const LayerPlan& plan) {
  Signature result;
  const auto device = [](std::int8_t number) { return static_cast<std::size_t>(number + 1); };
  for (const bool flag : {where.everything_on_devices(), where.offload_operations, where.dry_run,
                          where.pipeline_parallel, where.overridden})
    result.add(flag);
  for (const std::int8_t lies : {where.devices, where.of_layer(0), where.output}) result.add(device(lies));
  result.add(where.moved_weights_of(-1));
  result.add(where.moved_inputs);
  result.add(where.rules);
  std::vector<std::size_t> first_of_kind;
  for (const std::size_t layer : plan.layers) {
    const auto known = std::find_if(first_of_kind.begin(), first_of_kind.end(),
                                    [&](std::size_t first) { return built_alike(a, layer, first); });
    result.add(known == first_of_kind.end() ? layer : *known);
    if (known == first_of_kind.end()) first_of_kind.push_back(layer);
    result.add(device(where.of_layer(layer)));
    result.add(cache_read(a, plan, layer));
    result.add(where.moved_weights_of(static_cast<std::int32_t>(layer)));
  }
  for (const Recurrence& each : plan.recurrences)
    for (const std::size_t number : {each.before, each.after, each.round}) result.add(number);
  return result.take();
}

LayerPlan all_layers(const Architecture& architecture) {
  LayerPlan plan;
  for (std::size_t i = 0; i < trunk_layers(architecture); ++i) plan.layers.push_back(i);
  return plan;
}

LayerPlan first_prediction_layer(const Architecture& architecture) {
  return {{trunk_layers(architecture)}, {}};
}

LayerPlan plan_layers(const Architecture& architecture, const DeviceMap& where,
                      const KeptRounds& kept_rounds) {
  const std::size_t layers = trunk_layers(architecture);
  if (layers == 0) return {};
  std::vector<std::size_t> kinds = kinds_of(architecture, where, layers - 1);
  LayerPlan plan;
  for (std::size_t begin = 0; begin < kinds.size();) {
    const Run run = longest_run(kinds, begin);
    append(plan, begin, run, kept_rounds);
    begin += run.layers();
  }
  plan.layers.push_back(layers - 1);
  return plan;
}

}  // namespace vramcalc::llama_cpp::graph
