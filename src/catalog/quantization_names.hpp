#pragma once

#include <span>
#include <string_view>

#include "vramcalc/file_type.hpp"

// What people type for a quantization.
namespace vramcalc::catalog {

// The file type that is meant: its name in any spelling (q4km, iq4-xs, i1-Q4_K_M), or the usual one of so
// many bits (q4, 4bit, q8, fp16). Error where it is none of a GGUF file's (awq, fp8), one that no rule gives
// (UD-Q4_K_XL), or unknown.
const FileType& file_type_named(std::string_view name, std::span<const FileType> file_types);

}  // namespace vramcalc::catalog
