#pragma once

#include <span>
#include <vector>

#include "runtime/llama_cpp/device_map.hpp"
#include "vramcalc/session.hpp"

namespace vramcalc::llama_cpp {

// The weights with all layers on one GPU (llama.cpp 0.5.0, src/llama-model.cpp): inputs stay on the host, a
// tied output matrix is a second copy on the GPU, and multi-token-prediction layers are loaded only with
// `load_mtp`.
WeightBytes weight_bytes(const Architecture& architecture, const Weights& weights, bool load_mtp);

// A tied embedding, whose copy on the GPU is the output matrix.
bool is_output_copy(const Architecture& architecture, const Tensor& tensor);

// The same for any placement: bytes on each device, then on the host.
std::vector<Bytes> placed_weights(const Architecture& architecture, std::span<const Tensor> tensors,
                                  std::span<const ElementType> types, const Locations& where, bool load_mtp);

// The bytes on devices that move with each layer of the file and, last, with the output.
std::vector<Bytes> weights_of_layers(const Architecture& architecture, std::span<const Tensor> tensors,
                                     std::span<const ElementType> types, const Locations& where,
                                     bool load_mtp);

// The copy of a tied embedding that 0.5.0 has even where both are on one device.
Bytes second_copy_of_output(const Architecture& architecture, const Weights& weights);

// What matrices take besides, packed for the tiles of a CPU with AMX (Intel Xeon since Sapphire Rapids). Only
// without a GPU: otherwise the host's weights are in memory that the GPU reads (src/llama-model.cpp,
// make_cpu_buft_list).
Bytes amx_packing(const Weights& weights, bool load_mtp);

}  // namespace vramcalc::llama_cpp
