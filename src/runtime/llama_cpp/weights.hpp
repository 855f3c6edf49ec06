#pragma once

#include <span>
#include <vector>

#include "runtime/llama_cpp/device_map.hpp"
#include "vramcalc/runtime.hpp"

namespace vramcalc::llama_cpp {

// Where every tensor of the file goes with all layers on one GPU, and what it takes there
// (llama.cpp 0.5.0, src/llama-model.cpp): inputs stay on the host, the output layer of a model with tied
// embeddings holds a second copy on the GPU, multi-token-prediction layers are not loaded.
Weighing weigh(const Model& model, const TensorsOfModel& tensors_of_model, const FileType& file_type,
               const QuantizeOptions& options);

// The same of a file as it is.
Weighing weigh_stored(const Model& model, const StoredWeights& stored, const FileType& as);

// The same wherever they lie: bytes on each device, then on the host.
std::vector<Bytes> placed_weights(const Architecture& architecture, std::span<const Tensor> tensors,
                                  std::span<const ElementType> types, const Locations& where);

// Of these on devices, what moves with each layer of the file and, last, with the output.
std::vector<Bytes> weights_of_layers(const Architecture& architecture, std::span<const Tensor> tensors,
                                     std::span<const ElementType> types, const Locations& where);

}  // namespace vramcalc::llama_cpp
