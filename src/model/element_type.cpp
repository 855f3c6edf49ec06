#include "vramcalc/element_type.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "vramcalc/error.hpp"

namespace vramcalc {
namespace {

// llama.cpp 0.5.0: ggml/src/ggml.c (names), ggml/src/ggml-common.h (blocks), ggml/include/ggml.h (ids).
// f8_e4m3 is that of b12211.
constexpr std::array layouts{
    ElementLayout{ElementType::f32,     "f32",     0,  1,   4  },
    ElementLayout{ElementType::f16,     "f16",     1,  1,   2  },
    ElementLayout{ElementType::bf16,    "bf16",    30, 1,   2  },
    ElementLayout{ElementType::f64,     "f64",     28, 1,   8  },
    ElementLayout{ElementType::i8,      "i8",      24, 1,   1  },
    ElementLayout{ElementType::i16,     "i16",     25, 1,   2  },
    ElementLayout{ElementType::i32,     "i32",     26, 1,   4  },
    ElementLayout{ElementType::i64,     "i64",     27, 1,   8  },
    ElementLayout{ElementType::q4_0,    "q4_0",    2,  32,  18 },
    ElementLayout{ElementType::q4_1,    "q4_1",    3,  32,  20 },
    ElementLayout{ElementType::q5_0,    "q5_0",    6,  32,  22 },
    ElementLayout{ElementType::q5_1,    "q5_1",    7,  32,  24 },
    ElementLayout{ElementType::q8_0,    "q8_0",    8,  32,  34 },
    ElementLayout{ElementType::q8_1,    "q8_1",    9,  32,  36 },
    ElementLayout{ElementType::q2_K,    "q2_K",    10, 256, 84 },
    ElementLayout{ElementType::q3_K,    "q3_K",    11, 256, 110},
    ElementLayout{ElementType::q4_K,    "q4_K",    12, 256, 144},
    ElementLayout{ElementType::q5_K,    "q5_K",    13, 256, 176},
    ElementLayout{ElementType::q6_K,    "q6_K",    14, 256, 210},
    ElementLayout{ElementType::q8_K,    "q8_K",    15, 256, 292},
    ElementLayout{ElementType::iq1_s,   "iq1_s",   19, 256, 50 },
    ElementLayout{ElementType::iq1_m,   "iq1_m",   29, 256, 56 },
    ElementLayout{ElementType::iq2_xxs, "iq2_xxs", 16, 256, 66 },
    ElementLayout{ElementType::iq2_xs,  "iq2_xs",  17, 256, 74 },
    ElementLayout{ElementType::iq2_s,   "iq2_s",   22, 256, 82 },
    ElementLayout{ElementType::iq3_xxs, "iq3_xxs", 18, 256, 98 },
    ElementLayout{ElementType::iq3_s,   "iq3_s",   21, 256, 110},
    ElementLayout{ElementType::iq4_nl,  "iq4_nl",  20, 32,  18 },
    ElementLayout{ElementType::iq4_xs,  "iq4_xs",  23, 256, 136},
    ElementLayout{ElementType::tq1_0,   "tq1_0",   34, 256, 54 },
    ElementLayout{ElementType::tq2_0,   "tq2_0",   35, 256, 66 },
    ElementLayout{ElementType::mxfp4,   "mxfp4",   39, 32,  17 },
    ElementLayout{ElementType::nvfp4,   "nvfp4",   40, 64,  36 },
    ElementLayout{ElementType::q1_0,    "q1_0",    41, 128, 18 },
    ElementLayout{ElementType::q2_0,    "q2_0",    42, 64,  18 },
    ElementLayout{ElementType::f8_e4m3, "f8_e4m3", 43, 1,   1  },
};

constexpr bool in_order_of_the_enum() {
  for (std::size_t i = 0; i < layouts.size(); ++i)
    if (static_cast<std::size_t>(layouts[i].type) != i) return false;
  return true;
}
static_assert(in_order_of_the_enum() && layouts.size() == static_cast<std::size_t>(ElementType::f8_e4m3) + 1);

template <typename Predicate>
std::optional<ElementType> find_type(Predicate matches) {
  const auto found = std::find_if(layouts.begin(), layouts.end(), matches);
  return found == layouts.end() ? std::nullopt : std::optional(found->type);
}

}  // namespace

const ElementLayout& layout_of(ElementType type) { return layouts[static_cast<std::size_t>(type)]; }

std::string_view to_string(ElementType type) { return layout_of(type).name; }

std::optional<ElementType> element_type_from_name(std::string_view name) {
  return find_type([name](const ElementLayout& layout) { return layout.name == name; });
}

std::optional<ElementType> element_type_from_ggml_id(std::uint32_t id) {
  return find_type([id](const ElementLayout& layout) { return layout.ggml_id == id; });
}

bool is_quantized(ElementType type) { return layout_of(type).block_elements > 1; }

bool is_newer(ElementType type) { return type == ElementType::f8_e4m3; }

Bytes row_bytes(ElementType type, std::uint64_t elements) {
  const ElementLayout& layout = layout_of(type);
  if (elements % layout.block_elements != 0)
    throw Error(ErrorCode::bad_value,
                fmt::format("a row of {} elements cannot be stored as {}, whose blocks have {} elements",
                            elements, layout.name, layout.block_elements));
  return Bytes(elements / layout.block_elements) * layout.block_bytes;
}

}  // namespace vramcalc
