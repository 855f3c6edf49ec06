#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "runtime/llama_cpp/graph/device_rules.hpp"
#include "runtime/llama_cpp/graph/kept_until.hpp"

namespace vramcalc::llama_cpp::graph {

// How many operations read each tensor, by its id.
using Readers = std::vector<std::uint16_t>;

Readers count_readers(const Graph& graph);

// Operations of a mixture of experts that CUDA computes in one kernel read their operands when the last of
// them is due, so these are kept until then (llama.cpp 0.5.0, ggml/src/ggml-cuda/ggml-cuda.cu,
// ggml_backend_cuda_graph_optimize; off with GGML_CUDA_DISABLE_FUSION=1): those of the
// sum since pull request 25952, those of the choice since 28432. `order` is the whole graph's, and the device
// computes its operations from `first` up to `last`; what comes after only receives dependencies. The result
// follows the order.
std::vector<KeptUntil> kept_by_cuda(const Graph& graph, const Readers& readers, const DeviceRules& rules,
                                    std::span<const NodeId> order, std::size_t first, std::size_t last);

}  // namespace vramcalc::llama_cpp::graph
