#pragma once

#include <optional>

#include "vramcalc/quantization.hpp"
#include "vramcalc/role.hpp"

// What the quantizer derives from a tensor's role alone (llama.cpp 0.5.0, src/llama-quant.cpp).
namespace vramcalc {

TensorCategory category_of(TensorKind kind);

// The type, in a converted 16-bit file (conversion/base.py), of a tensor that no file type quantizes; empty
// for others. `rank` does not count trailing ones.
std::optional<ElementType> kept_type(TensorKind kind, unsigned rank);

}  // namespace vramcalc
