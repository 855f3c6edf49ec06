#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "vramcalc/bytes.hpp"

namespace vramcalc {

// ggml's element types (llama.cpp 0.5.0, ggml/include/ggml.h, and f8_e4m3 of newer builds). Retired ids are
// left out.
enum class ElementType : std::uint8_t {
  f32,
  f16,
  bf16,
  f64,
  i8,
  i16,
  i32,
  i64,
  q4_0,
  q4_1,
  q5_0,
  q5_1,
  q8_0,
  q8_1,
  q2_K,
  q3_K,
  q4_K,
  q5_K,
  q6_K,
  q8_K,
  iq1_s,
  iq1_m,
  iq2_xxs,
  iq2_xs,
  iq2_s,
  iq3_xxs,
  iq3_s,
  iq4_nl,
  iq4_xs,
  tq1_0,
  tq2_0,
  mxfp4,
  nvfp4,
  q1_0,
  q2_0,
  f8_e4m3,
};

// How a type is stored: `block_elements` values in `block_bytes` bytes. `ggml_id` is its number in a GGUF.
struct ElementLayout {
  ElementType type;
  std::string_view name;  // as ggml spells it: "q4_K"
  std::uint32_t ggml_id;
  std::uint32_t block_elements;
  std::uint32_t block_bytes;
};

const ElementLayout& layout_of(ElementType type);
std::string_view to_string(ElementType type);
std::optional<ElementType> element_type_from_name(std::string_view name);
std::optional<ElementType> element_type_from_ggml_id(std::uint32_t id);

bool is_quantized(ElementType type);

// Whether llama.cpp 0.5.0 refuses files with this type.
bool is_newer(ElementType type);

// Bytes of one row. `elements` must be a multiple of the block (Error, bad_value).
Bytes row_bytes(ElementType type, std::uint64_t elements);

}  // namespace vramcalc
