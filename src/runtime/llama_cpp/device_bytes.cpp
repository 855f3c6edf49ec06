#include "runtime/llama_cpp/device_bytes.hpp"

#include "vramcalc/weights.hpp"

namespace vramcalc::llama_cpp {
namespace {

// The elements that pad a quantized row to a multiple of 512, which ggml's CUDA kernels read (0.5.0,
// ggml/src/ggml-cuda/ggml-cuda.cu, MATRIX_ROW_PADDING).
std::uint64_t row_padding(ElementType type, std::uint64_t row) {
  return is_quantized(type) && row % 512 != 0 ? 512 - row % 512 : 0;
}

}  // namespace

Bytes device_bytes(ElementType type, const Shape& shape) {
  return round_up(tensor_bytes(type, shape) + row_bytes(type, row_padding(type, shape.row())), 128);
}

Bytes host_bytes(ElementType type, const Shape& shape) { return round_up(tensor_bytes(type, shape), 32); }

}  // namespace vramcalc::llama_cpp
