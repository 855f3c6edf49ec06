#pragma once

#include <span>
#include <vector>

#include "runtime/llama_cpp/device_map.hpp"
#include "vramcalc/session.hpp"

namespace vramcalc::llama_cpp {

// Where every tensor of the file goes with all layers on one GPU, and what it takes there
// (llama.cpp 0.5.0, src/llama-model.cpp): inputs stay on the host, the output layer of a model with tied
// embeddings holds a second copy on the GPU, multi-token-prediction layers are not loaded.
WeightBytes weight_bytes(const Architecture& architecture, const Weights& weights);

// The same wherever they lie: bytes on each device, then on the host.
std::vector<Bytes> placed_weights(const Architecture& architecture, std::span<const Tensor> tensors,
                                  std::span<const ElementType> types, const Locations& where);

// Of these on devices, what moves with each layer of the file and, last, with the output.
std::vector<Bytes> weights_of_layers(const Architecture& architecture, std::span<const Tensor> tensors,
                                     std::span<const ElementType> types, const Locations& where);

}  // namespace vramcalc::llama_cpp
