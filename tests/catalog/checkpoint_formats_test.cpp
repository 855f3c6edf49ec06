#include <algorithm>
#include <string>

#include "catch.hpp"
#include "vramcalc/catalog.hpp"
#include "vramcalc/error.hpp"

// Checkpoint formats as data/quantizations/checkpoints.json has them, and as people spell them.
namespace vramcalc::test {
namespace {

std::string message_of(const Catalog& catalog, const char* spelling) {
  try {
    catalog.checkpoint_format(spelling, catalog.model("llama-3.1-8b"));
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

}  // namespace

TEST_CASE("a checkpoint format is found in every spelling") {
  struct Row {
    const char *spelling, *name;
  };
  const Catalog catalog;
  for (const Row& row : {
           Row{"nvfp4",            "NVFP4"       },
           Row{"NVFP4",            "NVFP4"       },
           Row{"modelopt_fp4",     "NVFP4"       },
           Row{"awq",              "AWQ"         },
           Row{"awq-int4",         "AWQ"         },
           Row{"awq_marlin",       "AWQ"         },
           Row{"gptq",             "GPTQ"        },
           Row{"GPTQ-Int4",        "GPTQ"        },
           Row{"gptq-4bit-128g",   "GPTQ"        },
           Row{"GPTQ-Int8",        "GPTQ-Int8"   },
           Row{"gptq-8bit",        "GPTQ-Int8"   },
           Row{"bf16",             "BF16"        },
           Row{"bfloat16",         "BF16"        },
           Row{"F16",              "FP16"        },
           Row{"fp32",             "FP32"        },
           Row{"fp8",              "FP8"         },
           Row{"FP8-block",        "FP8"         },
           Row{"fp8-dynamic",      "FP8-dynamic" },
           Row{"fp8_per_tensor",   "FP8-static"  },
           Row{"mxfp8",            "MXFP8"       },
           Row{"w4a16",            "W4A16"       },
           Row{"quantized.w4a16",  "W4A16"       },
           Row{"w8a8",             "W8A8"        },
           Row{"int8",             "W8A8"        },
           Row{"int4",             "INT4"        },
           Row{"bnb-4bit",         "bnb-NF4"     },
           Row{"nf4",              "bnb-NF4"     },
           Row{"unsloth-bnb-4bit", "bnb-NF4"     },
           Row{"bnb-8bit",         "bnb-INT8"    },
           Row{"mxfp4",            "MXFP4"       },
           Row{"mlx",              "MLX-4bit"    },
           Row{"mlx-8bit",         "MLX-8bit"    },
           Row{"6bit",             "MLX-6bit"    },
           Row{"mlx 4bit dwq",     "MLX-4bit"    },
           Row{"mlx-mxfp4",        "MLX-mxfp4"   },
           Row{"mlx-MXFP4-Q8",     "MLX-MXFP4-Q8"},
           Row{"4.65bpw",          "EXL3 4.65bpw"},
           Row{"exl2-3.0bpw",      "EXL2 3bpw"   },
           Row{"exl3 4.0bpw h6",   "EXL3 4bpw"   },
           Row{"gptq-int4-g32",    "GPTQ g32"    },
           Row{"mlx-4bit-gs32",    "MLX-4bit g32"},
           Row{"autoround",        "AutoRound"   },
           Row{"hqq-4bit",         "HQQ"         },
  }) {
    INFO(row.spelling);
    CHECK(catalog.checkpoint_format(row.spelling, catalog.model("llama-3.1-8b")).name == row.name);
  }
}

TEST_CASE("a format whose layout is unknown is refused by name") {
  const Catalog catalog;
  CHECK(
      message_of(catalog, "aqlm") ==
      "aqlm is a checkpoint format (AQLM: additive codebooks, for Transformers and vLLM), and how it stores "
      "weights is not known here; give the checkpoint itself (a folder or hf:ORG/NAME)");
  CHECK(message_of(catalog, "gptq-3bit") ==
        "gptq-3bit names no format of GPTQ whose layout is known; name one: GPTQ, GPTQ-Int8");
  CHECK(message_of(catalog, "nonsense") ==
        "unknown checkpoint format \"nonsense\"; \"vramcalc quants\" lists them");
  CHECK(catalog.find_checkpoint_format("aqlm") == nullptr);
  CHECK(catalog.find_checkpoint_format("Q4_K_M") == nullptr);
}

TEST_CASE("every format has a layout, a runtime and the nearest file type") {
  const Catalog catalog;
  REQUIRE(catalog.checkpoint_formats().size() >= 30);
  for (const CheckpointFormatRow& row : catalog.checkpoint_formats()) {
    INFO(row.name);
    CHECK(catalog.find_checkpoint_format(row.name) == &row);
    for (const std::string_view alias : row.aliases) CHECK(catalog.find_checkpoint_format(alias) == &row);
    CHECK_FALSE(row.runtimes.empty());
    CHECK_NOTHROW(catalog.file_type(row.nearest));
    CHECK(row.nominal_bits > 1.9);
    for (const std::string_view family : row.families)
      CHECK(std::ranges::find(catalog.format_words(), family, &FormatWord::family) !=
            catalog.format_words().end());
  }
}

TEST_CASE("a format takes the bits that it names") {
  struct Row {
    const char *format, *model;
    double bits;
  };
  const Catalog catalog;
  for (const Row& row : {
           Row{"NVFP4",     "qwen3-32b",    4.5   },
           Row{"AWQ",       "qwen3-32b",    4.156 },
           Row{"GPTQ",      "qwen3-32b",    4.1625},
           Row{"GPTQ-Int8", "qwen3-32b",    8.194 },
           Row{"W4A16",     "qwen3-32b",    4.125 },
           Row{"FP8",       "qwen3-32b",    8.002 },
           Row{"MXFP8",     "qwen3-32b",    8.25  },
           Row{"bnb-NF4",   "qwen3-32b",    4.5   },
           Row{"W8A8",      "qwen3-32b",    8.003 },
           Row{"MLX-4bit",  "qwen3-32b",    4.5   },
           Row{"MLX-8bit",  "qwen3-32b",    8.5   },
           Row{"4.65bpw",   "qwen3-32b",    4.65  },
           Row{"MXFP4",     "gpt-oss-120b", 4.25  },
           Row{"BF16",      "qwen3-32b",    16    },
           Row{"FP32",      "qwen3-32b",    32    },
  }) {
    INFO(row.format);
    const Model model = catalog.model(row.model);
    double bits = 0, values = 0;
    for (const CheckpointPart& part :
         parts_of(model.architecture, catalog.checkpoint_format(row.format, model))) {
      const bool experts = part.kind == Role::expert_down;
      if (part.kind != Role::down && !experts) continue;
      bits += 8 * static_cast<double>(part.bytes.count());
      values += static_cast<double>(part.elements);
    }
    CHECK(bits / values == Approx(row.bits).epsilon(0.0015));
  }
}

TEST_CASE("what publishers pack differently has two ends, and what they pack alike has none") {
  const Catalog catalog;
  const auto range_of = [&](const char* format, const char* model) {
    return catalog.checkpoint_format(format, catalog.model(model)).range;
  };
  CHECK_FALSE(range_of("AWQ", "qwen3-32b"));
  CHECK_FALSE(range_of("FP8", "qwen3-32b"));
  CHECK_FALSE(range_of("FP8", "qwen3.5-27b"));
  CHECK(range_of("FP8-static", "qwen3.5-27b").value().most_name ==
        "linear attention and shared experts in 16 bits");
  CHECK_FALSE(range_of("MLX-4bit", "qwen3-32b"));
  CHECK(range_of("MLX-4bit", "gemma-4-26b-a4b").value().most_name ==
        "routers and dense layers of a mixture of experts in 8 bits");
  const PackingRange moe = range_of("NVFP4", "qwen3-30b-a3b").value();
  CHECK(moe.most.layout.parts == PartSet{PackedPart::experts});
  const PackingRange dense = range_of("NVFP4", "qwen3-32b").value();
  CHECK(dense.most.layout.parts == PartSet{PackedPart::feed_forward});
  CHECK(dense.least_name == "every linear layer, without prediction layers");
}

TEST_CASE("a GPU runs a format natively, with its weights alone, or not at all") {
  struct Row {
    const char* format;
    std::uint32_t capability;
    FormatSupport support;
  };
  const Catalog catalog;
  for (const Row& row : {
           Row{"FP8",   75,  FormatSupport::weight_only},
           Row{"FP8",   86,  FormatSupport::weight_only},
           Row{"FP8",   89,  FormatSupport::native     },
           Row{"FP8",   70,  FormatSupport::unsupported},
           Row{"NVFP4", 90,  FormatSupport::weight_only},
           Row{"NVFP4", 100, FormatSupport::native     },
           Row{"NVFP4", 120, FormatSupport::native     },
           Row{"MXFP4", 75,  FormatSupport::unsupported},
           Row{"MXFP4", 80,  FormatSupport::weight_only},
           Row{"AWQ",   75,  FormatSupport::native     },
           Row{"W8A8",  90,  FormatSupport::native     },
           Row{"W8A8",  100, FormatSupport::unsupported},
           Row{"BF16",  75,  FormatSupport::weight_only},
           Row{"BF16",  80,  FormatSupport::native     },
  }) {
    INFO(row.format << " on " << row.capability);
    CHECK(nvidia_support(*catalog.find_checkpoint_format(row.format), row.capability) == row.support);
  }
  const CheckpointFormatRow& fp8 = *catalog.find_checkpoint_format("FP8");
  CHECK(amd_support(fp8, "gfx942") == FormatSupport::native);
  CHECK(amd_support(fp8, "gfx90a") == FormatSupport::unsupported);
  CHECK(is_loaded_by(fp8, "vllm"));
  CHECK_FALSE(is_loaded_by(*catalog.find_checkpoint_format("MLX-4bit"), "vllm"));
}

TEST_CASE("a user's file adds a format") {
  Catalog catalog;
  catalog.add(R"({"checkpoint_formats": {
    "words": [{"word": "fq3", "family": "FQ3", "nearest": "Q3_K_M", "what": "three bits"}],
    "formats": [{"name": "FQ3", "families": ["FQ3"], "nominal_bits": 3, "title": "three bits", "leaves": "norms",
      "packing": {"parts": ["attention", "feed_forward"], "value_bits": 3}, "runtimes": ["vllm"],
      "nearest": "Q3_K_M", "source": "mine"}]}})",
              "mine.json");
  CHECK(catalog.checkpoint_format("fq3", catalog.model("llama-3.1-8b")).packing.layout.value_bits == 3);
  CHECK(catalog.find_checkpoint_format("awq") != nullptr);
  CHECK_THROWS_WITH(
      catalog.add(R"({"checkpoint_formats": {"formats": [{"name": "X", "title": "x", "nominal_bits": 3,
        "packing": {"parts": ["attentoin"], "value_bits": 3}}]}})",
                  "mine.json"),
      "mine.json: X: packing: parts: \"attentoin\" is not a part of a layer that a checkpoint quantizes");
}

}  // namespace vramcalc::test
