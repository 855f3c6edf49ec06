#pragma once

#include <cstddef>

#include "runtime/llama_cpp/kv_cache.hpp"
#include "runtime/llama_cpp/tensor_split/cut.hpp"
#include "runtime/llama_cpp/tensor_split/layer.hpp"
#include "vramcalc/architecture.hpp"
#include "vramcalc/tensor.hpp"

namespace vramcalc::llama_cpp::tensor_split {

// How the tensors, caches and states of a model are cut.
class Cutting {
 public:
  Cutting(const Architecture& architecture, const Layers& layers, std::size_t gpus);

  Cut of(const Tensor& tensor) const;
  Cut of(const CacheTensor& cache) const;
  // The inputs that a convolution still needs, and the state itself.
  Cut of_convolution(std::size_t layer) const;
  Cut of_recurrence(std::size_t layer) const;

 private:
  Cut of_output(const Tensor& tensor) const;

  const Layers& layers_;
  std::size_t gpus_;
  bool gated_queries_;  // Q carries a gate of its own width
  std::size_t outside_ = 0;
};

}  // namespace vramcalc::llama_cpp::tensor_split
