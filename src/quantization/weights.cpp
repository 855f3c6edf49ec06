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
      fmt::format("llama-quantize refuses {} for this model without an importance matrix: "
                  "{} would be {}; allow one or choose another file type",
                  file_type.name, tensors.tensors()[index].name, to_string(assignment.weights.types[index])));
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

}  // namespace vramcalc
