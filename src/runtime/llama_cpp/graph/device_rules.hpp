#pragma once

#include <cstdint>

// What the backends of llama.cpp 0.5.0 do differently with one graph. As it stands: CUDA.
namespace vramcalc::llama_cpp::graph {

// Memory that a result takes for the operation that computes it, beyond the result itself.
enum class Scratch : std::uint8_t { none, cuda, metal, sycl };

// In which order a device computes what the scheduler gives it.
enum class Order : std::uint8_t { as_built, vulkan, metal };

struct DeviceRules {
  Scratch scratch = Scratch::cuda;
  Order order = Order::as_built;
  std::uint64_t alignment = 128;
  bool pads_quantized_rows = true;
  friend bool operator==(const DeviceRules&, const DeviceRules&) = default;
};

}  // namespace vramcalc::llama_cpp::graph
