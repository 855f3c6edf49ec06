#pragma once

#include "runtime/llama_cpp/graph/device_rules.hpp"
#include "runtime/llama_cpp/graph/graph.hpp"

namespace vramcalc::llama_cpp::graph {

// Whether the device computes this operation rather than the CPU (ggml-cuda.cu,
// ggml_backend_cuda_device_supports_op; ggml-vulkan.cpp, ggml_backend_vk_device_supports_op;
// ggml-metal-device.m, ggml_metal_device_supports_op). Only rules that a known architecture's shapes or cache
// types can break are included.
bool device_supports(const Graph& graph, const Node& operation, Kernels kernels);

}  // namespace vramcalc::llama_cpp::graph
