#include "runtime/llama_cpp/graph/repetition.hpp"

#include <algorithm>

#include "runtime/llama_cpp/graph/builder.hpp"

namespace vramcalc::llama_cpp::graph {
namespace {

constexpr std::size_t longest_period = 12;

// The same weights elsewhere, of the same types: copies of them take part in the placement.
bool lie_alike(const DeviceMap& where, std::size_t i, std::size_t j) {
  if (where.of_layer(i) != where.of_layer(j)) return false;
  const auto a = where.moved_weights_of(static_cast<std::int32_t>(i));
  const auto b = where.moved_weights_of(static_cast<std::int32_t>(j));
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const MovedWeight& x, const MovedWeight& y) {
    return x.name == y.name && x.type == y.type && x.device == y.device;
  });
}

bool alike(const Architecture& a, const DeviceMap& where, std::size_t i, std::size_t j) {
  if (a.attention_residual_scores) return i == j;  // each kept state makes the next layers different
  if (i != j && std::max(i, j) < a.graph.stacked_embeddings + 1u) return false;
  const bool sparse = a.alternating_updates && i < a.alternating_updates->sparse_layers;
  const bool other_sparse = a.alternating_updates && j < a.alternating_updates->sparse_layers;
  return lie_alike(where, i, j) && sparse == other_sparse && a.blocks[i] == a.blocks[j];
}

// A number for every layer, the same for layers that are alike.
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

// The run from `begin` on that covers most layers, of these the one with the shortest period.
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

// The last round that is kept stands for the last round of all: it is there that an input may be read for the
// last time. What is compared is the state before it and the state `step` rounds earlier.
void append(LayerPlan& plan, std::size_t begin, const Run& run, const Effort& effort) {
  const std::size_t start = plan.layers.size();
  const std::size_t enough = run.period == 1 ? effort.single : effort.several;
  const std::size_t step = effort.step;
  const std::size_t left_out = run.rounds > enough ? (run.rounds - enough) / step * step : 0;
  const std::size_t kept = run.rounds - left_out;
  for (std::size_t i = 0; i < kept * run.period; ++i) plan.layers.push_back(begin + i);
  if (left_out == 0) return;
  const std::size_t last = start + (kept - 1) * run.period;
  plan.recurrences.push_back({last - step * run.period, last, run.period});
}

}  // namespace

LayerPlan all_layers(const Architecture& architecture) {
  LayerPlan plan;
  for (std::size_t i = 0; i < trunk_layers(architecture); ++i) plan.layers.push_back(i);
  return plan;
}

LayerPlan plan_layers(const Architecture& architecture, const DeviceMap& where, const Effort& effort) {
  const std::size_t layers = trunk_layers(architecture);
  if (layers == 0) return {};
  std::vector<std::size_t> kinds = kinds_of(architecture, where, layers - 1);
  LayerPlan plan;
  for (std::size_t begin = 0; begin < kinds.size();) {
    const Run run = longest_run(kinds, begin);
    append(plan, begin, run, effort);
    begin += run.layers();
  }
  plan.layers.push_back(layers - 1);
  return plan;
}

}  // namespace vramcalc::llama_cpp::graph
