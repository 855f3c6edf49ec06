#pragma once

#include <cstdint>

// How the backends of llama.cpp 0.5.0 differ in executing a graph. The defaults are CUDA's.
namespace vramcalc::llama_cpp::graph {

// Scratch memory that an operation needs with its result. SYCL's flash attention is oneDNN's or its own.
enum class Scratch : std::uint8_t { none, cuda, metal, sycl_with_onednn, sycl };

// The order in which a device computes its operations: as the graph was built; so too, but with fused
// operations that keep their operands (cuda_fusion.hpp); or its own.
enum class Order : std::uint8_t { as_built, cuda, vulkan, older_metal, metal };

// Whose kernels decide which operations a device computes and which fall to the host.
enum class Kernels : std::uint8_t { cuda, vulkan, metal };

// NVIDIA's GPUs by the kernels of their attention to few tokens: before tensor cores, Volta's (7.x), Turing's
// and Ampere's (7.5 to 8.8), and newer ones.
enum class Generation : std::uint8_t { pascal, volta, turing, ada };

struct DeviceRules {
  Scratch scratch = Scratch::cuda;
  Order order = Order::cuda;
  std::uint64_t alignment = 128;
  bool pads_quantized_rows = true;
  bool copies_cache = true;  // the f16 copies of a cache for flash attention are part of the scratch memory
  // Of CUDA's order.
  bool fuses_sum_of_experts = true;
  bool fuses_choice_of_experts = true;
  Kernels kernels = Kernels::cuda;
  std::uint64_t host_alignment =
      32;  // of the host memory that the backend uses (ggml-impl.h, TENSOR_ALIGNMENT)
  std::uint64_t largest_buffer = 0;  // compute buffers are split into parts of this size; 0: never
  Generation generation = Generation::ada;
  friend bool operator==(const DeviceRules&, const DeviceRules&) = default;
};

}  // namespace vramcalc::llama_cpp::graph
