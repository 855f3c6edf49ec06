#pragma once

#include <optional>
#include <string>

#include "runtime/serving/vllm/settings.hpp"
#include "vramcalc/estimate.hpp"

// How vLLM divides one GPU's memory (vllm/v1/worker/gpu_worker.py, determine_available_memory): it asks for a
// share of the whole, subtracts what profiling found, and fills the rest with cache.
namespace vramcalc::vllm {

struct Budget {
  Bytes device_total;
  Bytes requested;  // gpu_memory_utilization × the total, rounded up
  Amount free;      // before the start
  Amount weights;
  Amount activation_peak;
  Amount non_torch;
  Amount graph_estimate;  // taken off the cache; zero before 0.20
  Amount cuda_graphs;     // as captured. If no estimate of it is in the budget, it must fit into the rest
  Amount costs;           // of all but the cache, with the bounds of independent errors
  Amount available_kv;    // 0 where nothing is left
  Bytes shortfall;        // what is missing for the first byte of cache, by the best estimates
  std::string refusal;    // in vLLM's words; empty if it gets as far as dividing the cache
  friend bool operator==(const Budget&, const Budget&) = default;
};

// What does not depend on the GPU.
struct Profiled {
  Amount activation_peak, graph_estimate, cuda_graphs;
  friend bool operator==(const Profiled&, const Profiled&) = default;
};
Profiled profiled(const Settings& settings, const Options& options, const Architecture& architecture);

// `weights` is what one rank loads. Figures of a log in the options replace estimates.
Budget budget_of(const Settings& settings, const Options& options, const Profiled& profiled,
                 const TargetDevice& device, const Amount& weights);

// The smallest gpu_memory_utilization, in hundredths, that leaves this much cache by the best estimates;
// empty if the whole GPU is not enough.
std::optional<double> smallest_utilization(const Budget& budget, Bytes cache);

// What is left outside the requested share after the graphs were captured, by the best estimates; empty if
// they do not fit, as releases before 0.20 find out by running out of memory.
std::optional<Bytes> rest_after_graphs(const Budget& budget);

}  // namespace vramcalc::vllm
