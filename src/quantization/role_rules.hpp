#pragma once

#include <optional>

#include "vramcalc/quantization.hpp"
#include "vramcalc/role.hpp"

// What a tensor's role alone says to the quantizer (llama.cpp 0.5.0, src/llama-quant.cpp).
namespace vramcalc {

TensorCategory category_of(TensorKind kind);

// The type in a converted 16-bit file (conversion/base.py) of what the quantizer leaves alone, whatever the
// file type; none for what it quantizes. `rank` without trailing ones.
std::optional<ElementType> kept_type(TensorKind kind, unsigned rank);

}  // namespace vramcalc
