#pragma once

#include <span>
#include <string_view>

#include "vramcalc/checkpoint_format.hpp"
#include "vramcalc/file_type.hpp"

// Quantizations as people type them.
namespace vramcalc::catalog {

// The file type that is meant: its name in any spelling (q4km, iq4-xs, i1-Q4_K_M), or the usual one with that
// many bits (q4, 4bit, q8, fp16). Error if it is not a GGUF file type (awq, fp8), follows no rule
// (UD-Q4_K_XL), or is unknown.
const FileType& file_type_named(std::string_view name, std::span<const FileType> file_types,
                                std::span<const FormatWord> format_words);

}  // namespace vramcalc::catalog
