#include <cmath>
#include <string>

#include "catch.hpp"
#include "support/checkpoint_sizes.hpp"
#include "vramcalc/catalog.hpp"
#include "vramcalc/source.hpp"

// Checkpoints as they are published: the bytes that formats take, and the formats that models have.
namespace vramcalc::test {

TEST_CASE("published checkpoints are as large as their format's rule says") {
  const Catalog catalog;
  std::size_t misses = 0;
  const std::vector<CheckpointSize> sizes = checkpoint_sizes();
  for (const CheckpointSize& row : sizes) {
    INFO(row.id << " " << row.format);
    const ComputedSize computed = computed_size(catalog, row);
    const double size = static_cast<double>((row.most ? computed.most : computed.usual).count());
    CHECK(std::abs(size / static_cast<double>(row.bytes.count()) - 1) <= row.tolerance);
    if (row.tolerance > 0.001) ++misses;
  }
  CHECK(sizes.size() == 87);
  CHECK(misses <= 8);
}

TEST_CASE("a variant is in the format in which its publisher packed it") {
  const Catalog catalog;
  struct Row {
    const char *model, *format;
    std::uint64_t bytes;
  };
  for (const Row& row : {
           Row{"deepseek-r1-0528-nvfp4-v2",     "NVFP4",       413306995616},
           Row{"qwen3-8b-awq",                  "AWQ",         6098479104  },
           Row{"gpt-oss-20b-mxfp4",             "MXFP4",       13761264768 },
           Row{"kimi-k2.6-int4",                "INT4",        595148192736},
           Row{"qwen2.5-7b-gptq-int4",          "GPTQ",        5578058752  },
           Row{"llama-3.1-8b-fp8",              "FP8-static",  9081201536  },
           Row{"mistral-small-24b-fp8-dynamic", "FP8-dynamic", 24921548800 },
  }) {
    INFO(row.model);
    const Model model = catalog.model(row.model);
    const PublishedFormat published = published_format(catalog, model);
    CHECK(published.format.name == row.format);
    CHECK(published.warning.empty());
    CHECK(published.format.row != nullptr);
    CHECK(published.format.base == model.variant_of);
    CHECK(bytes_of(parts_of(model.architecture, published.format)) == Bytes(row.bytes));
    CHECK_FALSE(published.format.range);
  }
}

TEST_CASE("every variant has a format of the catalog, and counts elements as its page does") {
  const Catalog catalog;
  for (const ModelRow* row : catalog.models()) {
    if (row->variant_of.empty()) continue;
    INFO(row->id);
    const Model model = catalog.model(row->id);
    const PublishedFormat published = published_format(catalog, model);
    CHECK(published.format.row != nullptr);
    CHECK(published.warning.empty() == model.packed->packing.has_value());
    if (model.packed->packing)
      CHECK(std::abs(static_cast<double>(packed_size(model.architecture, *model.packed->packing).elements) -
                     static_cast<double>(model.packed->stored_elements)) <= 7808);
  }
}

TEST_CASE("a variant whose parts are unknown has two ends and a warning") {
  const Catalog catalog;
  const Model model = catalog.model("nemotron-3-nano-30b-a3b-nvfp4");
  const PublishedFormat published = published_format(catalog, model);
  REQUIRE(published.format.range);
  CHECK(
      published.warning ==
      "which parts of NVIDIA-Nemotron-3-Nano-30B-A3B-NVFP4 are in NVFP4 is not known here: from every linear "
      "layer, without prediction layers to only the experts, or only the feed-forward part");
}

TEST_CASE("original weights are in BF16 unless the catalog says otherwise") {
  const Catalog catalog;
  struct Row {
    const char *model, *format;
  };
  for (const Row& row : {
           Row{"llama-3.1-8b",     "BF16"      },
           Row{"deepseek-v3",      "FP8"       },
           Row{"deepseek-r1",      "FP8"       },
           Row{"deepseek-v3.2",    "FP8"       },
           Row{"kimi-k2",          "FP8"       },
           Row{"kimi-k2-thinking", "INT4"      },
           Row{"gpt-oss-120b",     "MXFP4"     },
           Row{"minimax-m2.5",     "FP8"       },
           Row{"mimo-v2-flash",    "FP8"       },
           Row{"devstral-2-123b",  "FP8-static"},
           Row{"glm-5",            "BF16"      },
  }) {
    INFO(row.model);
    const CheckpointFormat format = native_format(catalog, catalog.model(row.model));
    CHECK(format.name == row.format);
    CHECK_FALSE(format.range);
  }
}

TEST_CASE("the published formats of a model are its variants") {
  std::vector<std::string> ids;
  for (const ModelRow* row : Catalog().variants_of("qwen3-8b")) ids.emplace_back(row->id);
  CHECK(ids == std::vector<std::string>{"qwen3-8b-awq", "qwen3-8b-nvfp4", "qwen3-8b-fp8"});
}

TEST_CASE("the words of a name say which format of a family it is") {
  const Catalog catalog;
  CHECK(load_model(catalog, "Qwen/Qwen3-4B-GPTQ-Int8").named_format_spelling == "GPTQ-Int8");
  CHECK(load_model(catalog, "mlx-community/Qwen3-4B-8bit").named_format_spelling == "mlx-8bit");
}

// Their bytes are those of the headers, whatever the layout of the format says.
TEST_CASE("a checkpoint whose headers were read is in its own parts") {
  const Catalog catalog;
  const Model model = catalog.model("llama-3.1-8b");
  StoredCheckpoint stored;
  stored.shares = {
      {"BF16", 5, Bytes(10)}
  };
  stored.parts.resize(1);
  stored.parts[0].kind = Role::embedding;
  stored.parts[0].bytes = Bytes(10);
  const PublishedFormat published = published_format(catalog, model, &stored);
  CHECK(published.format.name == "BF16");
  ModelWeights weights(model);
  CHECK(weights.stored(published.format).tensor_bytes == Bytes(10));
  CHECK(weights.stored(published.format).parts.size() == 1);
  const CheckpointFormat derived = native_format(catalog, model);
  CHECK(weights.stored(derived).tensor_bytes == Bytes(2 * parameters_of(model.architecture).total()));
}

}  // namespace vramcalc::test
