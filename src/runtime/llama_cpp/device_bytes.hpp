#pragma once

#include "vramcalc/bytes.hpp"
#include "vramcalc/element_type.hpp"
#include "vramcalc/tensor.hpp"

namespace vramcalc::llama_cpp {

// What a tensor takes in a CUDA buffer: a quantized row that is no multiple of 512 elements is read past its
// end, so the rest is added once; then 128-byte alignment. In host memory: 32-byte alignment.
Bytes device_bytes(ElementType type, const Shape& shape);
Bytes host_bytes(ElementType type, const Shape& shape);

}  // namespace vramcalc::llama_cpp
