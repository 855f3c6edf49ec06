#include "vramcalc/weights.hpp"

#include <fmt/format.h>

#include "quantization/rules.hpp"
#include "vramcalc/error.hpp"

namespace vramcalc {
namespace {

[[noreturn]] void refuse_without_imatrix(const ClassifiedTensors& tensors, const FileType& file_type,
                                         const Assignment& assignment) {
  const std::size_t index = *assignment.needs_imatrix;
  throw Error(
      ErrorCode::unsupported,
      fmt::format("llama-quantize makes no {} of this model without an importance matrix: "
                  "{} would be {}; allow one or choose another file type",
                  file_type.name, tensors.tensors()[index].name, to_string(assignment.weights.types[index])));
}

// The elements that complete a quantized row to a multiple of 512, which ggml's CUDA kernels read (0.5.0,
// ggml/src/ggml-cuda/ggml-cuda.cu, MATRIX_ROW_PADDING).
std::uint64_t row_padding(ElementType type, std::uint64_t row) {
  return is_quantized(type) && row % 512 != 0 ? 512 - row % 512 : 0;
}

}  // namespace

double Weights::bits_per_weight() const {
  return elements == 0 ? 0.0
                       : static_cast<double>(tensor_bytes.count()) * 8.0 / static_cast<double>(elements);
}

Weights weights_of(const ClassifiedTensors& tensors, const FileType& file_type,
                   const QuantizeOptions& options) {
  const bool first = options.imatrix.value_or(file_type.needs_imatrix == ImatrixNeed::always);
  const auto assign = [&](bool imatrix) {
    return assign_types(tensors, file_type, options.release, imatrix, options.requantize_native);
  };
  Assignment assignment = assign(first);
  if (assignment.needs_imatrix && !first) {
    if (options.imatrix) refuse_without_imatrix(tensors, file_type, assignment);
    assignment = assign(true);
  }
  return std::move(assignment.weights);
}

std::vector<ElementType> element_types(std::span<const Tensor> tensors, const ShapeFacts& facts,
                                       const FileType& file_type, const QuantizeOptions& options) {
  return weights_of(ClassifiedTensors({tensors.begin(), tensors.end()}, facts), file_type, options).types;
}

Bytes tensor_bytes(ElementType type, const Shape& shape) {
  const Bytes row = row_bytes(type, shape.row());
  return ((row * shape[1]) * shape[2]) * shape[3];
}

Bytes device_bytes(ElementType type, const Shape& shape) {
  return round_up(tensor_bytes(type, shape) + row_bytes(type, row_padding(type, shape.row())), 128);
}

Bytes host_bytes(ElementType type, const Shape& shape) { return round_up(tensor_bytes(type, shape), 32); }

}  // namespace vramcalc
