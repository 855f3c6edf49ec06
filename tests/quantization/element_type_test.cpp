#include "vramcalc/element_type.hpp"

#include "catch.hpp"
#include "vramcalc/error.hpp"

namespace vramcalc {

TEST_CASE("element types have ggml's ids, blocks and bits") {
  struct Expected {
    const char* name;
    std::uint32_t id, block, bytes;
    double bits;
  };
  // llama.cpp 0.5.0, ggml/src/ggml.c
  const Expected table[] = {
      {"f32",     0,  1,   4,   32.0  },
      {"f16",     1,  1,   2,   16.0  },
      {"q4_0",    2,  32,  18,  4.5   },
      {"q4_1",    3,  32,  20,  5.0   },
      {"q5_0",    6,  32,  22,  5.5   },
      {"q5_1",    7,  32,  24,  6.0   },
      {"q8_0",    8,  32,  34,  8.5   },
      {"q8_1",    9,  32,  36,  9.0   },
      {"q2_K",    10, 256, 84,  2.625 },
      {"q3_K",    11, 256, 110, 3.4375},
      {"q4_K",    12, 256, 144, 4.5   },
      {"q5_K",    13, 256, 176, 5.5   },
      {"q6_K",    14, 256, 210, 6.5625},
      {"q8_K",    15, 256, 292, 9.125 },
      {"iq2_xxs", 16, 256, 66,  2.0625},
      {"iq2_xs",  17, 256, 74,  2.3125},
      {"iq3_xxs", 18, 256, 98,  3.0625},
      {"iq1_s",   19, 256, 50,  1.5625},
      {"iq4_nl",  20, 32,  18,  4.5   },
      {"iq3_s",   21, 256, 110, 3.4375},
      {"iq2_s",   22, 256, 82,  2.5625},
      {"iq4_xs",  23, 256, 136, 4.25  },
      {"i8",      24, 1,   1,   8.0   },
      {"i16",     25, 1,   2,   16.0  },
      {"i32",     26, 1,   4,   32.0  },
      {"i64",     27, 1,   8,   64.0  },
      {"f64",     28, 1,   8,   64.0  },
      {"iq1_m",   29, 256, 56,  1.75  },
      {"bf16",    30, 1,   2,   16.0  },
      {"tq1_0",   34, 256, 54,  1.6875},
      {"tq2_0",   35, 256, 66,  2.0625},
      {"mxfp4",   39, 32,  17,  4.25  },
      {"nvfp4",   40, 64,  36,  4.5   },
      {"q1_0",    41, 128, 18,  1.125 },
      {"q2_0",    42, 64,  18,  2.25  },
      {"f8_e4m3", 43, 1,   1,   8.0   }, // b12211
  };
  for (const Expected& expected : table) {
    CAPTURE(expected.name);
    const auto type = element_type_from_name(expected.name);
    REQUIRE(type);
    CHECK(element_type_from_ggml_id(expected.id) == type);
    const ElementLayout& layout = layout_of(*type);
    CHECK(to_string(*type) == expected.name);
    CHECK(layout.ggml_id == expected.id);
    CHECK(layout.block_elements == expected.block);
    CHECK(layout.block_bytes == expected.bytes);
    CHECK(row_bytes(*type, 4096).count() * 8 == static_cast<std::uint64_t>(4096 * expected.bits));
    CHECK(is_quantized(*type) == (expected.block > 1));
  }
  for (std::uint32_t retired : {4u, 5u, 31u, 32u, 33u, 36u, 37u, 38u, 44u})
    CHECK(!element_type_from_ggml_id(retired));
  CHECK(!element_type_from_name("q4_k"));
}

TEST_CASE("a row has whole blocks and its bytes fit in 64 bits") {
  CHECK(row_bytes(ElementType::q4_K, 0) == Bytes(0));
  CHECK(row_bytes(ElementType::q4_K, 512) == Bytes(288));
  CHECK_THROWS_AS(row_bytes(ElementType::q4_K, 2880), Error);
  CHECK_THROWS_AS(row_bytes(ElementType::f64, UINT64_MAX), Error);
}

}  // namespace vramcalc
