#pragma once

#include <optional>
#include <string_view>

#include "vramcalc/file_type.hpp"

// What a tensor's name alone says to the quantizer (llama.cpp 0.5.0, src/llama-quant.cpp).
namespace vramcalc {

TensorCategory category_of_name(std::string_view name);

// Whether the quantizer leaves every tensor of this name alone, whatever the file type.
bool is_kept_by_name(std::string_view name);

// The type that a kept tensor has in a converted 16-bit file (conversion/base.py). `rank` without trailing
// ones.
ElementType converted_type(std::string_view name, unsigned rank);

}  // namespace vramcalc
