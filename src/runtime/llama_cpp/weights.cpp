#include "runtime/llama_cpp/weights.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace vramcalc::llama_cpp {
namespace {

// Looked up row by row on the host, whatever is offloaded (src/llama-arch.cpp: the input layer's tensors).
constexpr std::array<std::string_view, 4> input_tensors{"token_embd.weight", "per_layer_token_embd.weight",
                                                        "position_embd.weight", "token_types.weight"};

bool is_input(const Tensor& tensor) {
  return tensor.layer < 0 &&
         std::find(input_tensors.begin(), input_tensors.end(), tensor.name) != input_tensors.end();
}

bool is_output_copy(const Architecture& architecture, const Tensor& tensor) {
  return architecture.tied_embeddings && architecture.has_output && tensor.name == "token_embd.weight";
}

// Every tensor in its place.
void place(Weighing& weighing, const Architecture& architecture, std::span<const Tensor> tensors,
           std::span<const ElementType> types) {
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    const Tensor& tensor = tensors[i];
    if (!tensor.loaded) continue;
    const bool input = is_input(tensor);
    if (input) weighing.host += host_bytes(types[i], tensor.shape);
    if (!input || is_output_copy(architecture, tensor)) weighing.gpu += device_bytes(types[i], tensor.shape);
  }
}

}  // namespace

Weighing weigh(const Model& model, const TensorsOfModel& tensors_of_model, const FileType& file_type,
               const QuantizeOptions& options) {
  const Architecture& architecture = model.architecture;
  const ClassifiedTensors& tensors = tensors_of_model();
  const Weights weights = weights_of(tensors, file_type, options);
  Weighing weighing{weights.tensor_bytes,
                    file_bytes(tensors, weights, metadata_bytes(architecture, model.tokenizer)).best,
                    Bytes(0), Bytes(0), weights.bits_per_weight()};
  place(weighing, architecture, tensors.tensors(), weights.types);
  return weighing;
}

Weighing weigh_stored(const Model& model, const StoredWeights& stored, const FileType&) {
  Weighing weighing{stored.tensor_bytes, stored.file_bytes, Bytes(0), Bytes(0), bits_per_weight(stored)};
  place(weighing, model.architecture, stored.tensors, stored.types);
  return weighing;
}

}  // namespace vramcalc::llama_cpp
