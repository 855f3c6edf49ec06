#include "catch.hpp"
#include "measured_types.hpp"
#include "vramcalc/catalog.hpp"
#include "vramcalc/weights.hpp"

namespace vramcalc {
namespace {

Architecture with_blocks(std::vector<Attention> attention, std::string name = "llama") {
  Architecture architecture;
  architecture.gguf_name = std::move(name);
  for (Attention& each : attention) {
    architecture.blocks.emplace_back();
    architecture.blocks.back().attention = std::move(each);
  }
  return architecture;
}

GroupedQueryAttention grouped(std::uint32_t heads, std::uint32_t kv_heads) {
  GroupedQueryAttention attention;
  attention.heads = heads;
  attention.kv_heads = kv_heads;
  return attention;
}

LatentAttention latent(std::uint32_t heads, bool absorbed) {
  LatentAttention attention;
  attention.heads = heads;
  attention.absorbed = absorbed;
  return attention;
}

}  // namespace

TEST_CASE("heads per KV head are those of layer 0 in the file's metadata") {
  struct Expected {
    const char* what;
    std::vector<Attention> layers;
    std::uint32_t gqa;
  };
  const Expected table[] = {
      {"Llama 3",                                   {grouped(32, 8)},                              4  },
      {"Llama 2 7B",                                {grouped(32, 32)},                             1  },
      {"MLA has one latent head",                   {latent(128, true)},                           128},
      {"MLA with a full cache",                     {latent(40, false)},                           1  },
      {"Mamba first: a list that begins with 0",    {Mamba1{}, grouped(32, 8)},                    0  },
      {"convolution first",                         {ShortConvolution{}, grouped(32, 8)},          0  },
      {"Kimi Delta Attention first",                {KimiDeltaAttention{}, latent(32, true)},      0  },
      {"Gated DeltaNet: one number for all layers", {GatedDeltaNet{}, grouped(16, 2)},             8  },
      {"both in one layer",                         {ParallelMamba2Attention{grouped(12, 2), {}}}, 6  },
      {"no attention at all",                       {Mamba2{}, Mamba2{}},                          0  },
  };
  for (const Expected& expected : table) {
    CAPTURE(expected.what);
    CHECK(gqa(shape_facts(with_blocks(expected.layers))) == expected.gqa);
  }
}

TEST_CASE("the catalog's shapes have the facts of the measured files") {
  struct Elsewhere {
    std::string_view file;
    const char* id;
  };
  const Elsewhere other_ids[] = {
      {"bge-base",           "bge-base-en-v1.5"           },
      {"olmo2-7b",           "olmo-2-7b"                  },
      {"qwen3-next-80b-a3b", "qwen3-next-80b-a3b-instruct"}
  };
  const Catalog catalog;
  for (const auto& path : test::measured_models()) {
    const test::MeasuredModel measured = test::read_measured_model(path);
    std::string id = measured.name;
    for (const Elsewhere& each : other_ids)
      if (each.file == id) id = each.id;
    Architecture architecture = catalog.model(id).architecture;
    if (measured.name == "qwen3-next-80b-a3b")  // this file has no layer for multi-token prediction
      architecture.mtp->in_file = MultiTokenPrediction::InFile::dropped;
    const ShapeFacts facts = shape_facts(architecture);
    CAPTURE(measured.name);
    CHECK(facts.gguf_architecture == measured.facts.gguf_architecture);
    CHECK(gqa(facts) == gqa(measured.facts));
    CHECK(facts.experts == measured.facts.experts);
    CHECK(facts.block_count == measured.facts.block_count);
    CHECK(like_70b(facts) == like_70b(measured.facts));
  }
}

TEST_CASE("multi-token-prediction layers count if the file has them") {
  Architecture architecture = with_blocks({grouped(64, 8), grouped(64, 8)});
  architecture.blocks.back().mtp = true;
  architecture.mtp = MultiTokenPrediction{};
  architecture.mtp->in_file = MultiTokenPrediction::InFile::kept;
  CHECK(shape_facts(architecture).block_count == 2);
  architecture.mtp->in_file = MultiTokenPrediction::InFile::dropped;
  CHECK(shape_facts(architecture).block_count == 1);
}

TEST_CASE("experts are counted if a layer has them") {
  Architecture architecture = with_blocks({grouped(64, 8), grouped(64, 8)});
  MixtureOfExperts moe;
  moe.experts = 128;
  architecture.blocks[1].feed_forward = moe;
  CHECK(shape_facts(architecture).experts == 128);
}

TEST_CASE("models that llama.cpp treats as 70B") {
  struct Expected {
    ShapeFacts facts;
    bool like_70b;
  };
  const Expected table[] = {
      {{"llama", 64, 8, 0, 80},  true },
      {{"llama", 64, 64, 0, 80}, false}, // 65B
      {{"llama", 64, 8, 8, 80},  false},
      {{"llama", 64, 8, 0, 60},  false},
      {{"qwen2", 64, 8, 0, 80},  true },
      {{"qwen2", 64, 64, 0, 80}, true },
      {{"qwen3", 64, 8, 0, 80},  false},
      {{"deci", 64, 8, 0, 80},   true },
      {{"olmo", 64, 64, 0, 80},  true },
      {{"jais2", 64, 64, 0, 68}, true },
  };
  for (const Expected& expected : table) {
    CAPTURE(expected.facts.gguf_architecture, expected.facts.block_count, expected.facts.kv_heads);
    CHECK(like_70b(expected.facts) == expected.like_70b);
  }
}

}  // namespace vramcalc
