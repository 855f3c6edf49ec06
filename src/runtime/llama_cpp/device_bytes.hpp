#pragma once

#include "vramcalc/bytes.hpp"
#include "vramcalc/element_type.hpp"
#include "vramcalc/tensor.hpp"

namespace vramcalc::llama_cpp {

// The bytes of a tensor in a CUDA buffer: quantized rows are read in steps of 512 elements, so the last one
// is padded to that; then 128-byte alignment. In host memory: 32-byte alignment.
Bytes device_bytes(ElementType type, const Shape& shape);
Bytes host_bytes(ElementType type, const Shape& shape);

}  // namespace vramcalc::llama_cpp
