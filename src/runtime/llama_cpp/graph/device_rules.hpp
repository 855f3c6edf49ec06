#pragma once

#include <cstdint>

// How the backends of llama.cpp 0.5.0 differ in executing a graph. The defaults are CUDA's.
namespace vramcalc::llama_cpp::graph {

// Scratch memory that an operation needs with its result.
enum class Scratch : std::uint8_t { none, cuda, metal, sycl };

// The order in which a device computes its operations: as the graph was built; so too, but with fused
// operations that keep their operands (cuda_fusion.hpp); or its own.
enum class Order : std::uint8_t { as_built, cuda, vulkan, metal };

struct DeviceRules {
  Scratch scratch = Scratch::cuda;
  Order order = Order::cuda;
  std::uint64_t alignment = 128;
  bool pads_quantized_rows = true;
  bool copies_cache = true;  // the f16 copies of a cache for flash attention are part of the scratch memory
  // Of CUDA's order.
  bool fuses_sum_of_experts = true;
  bool fuses_choice_of_experts = true;
  friend bool operator==(const DeviceRules&, const DeviceRules&) = default;
};

}  // namespace vramcalc::llama_cpp::graph
