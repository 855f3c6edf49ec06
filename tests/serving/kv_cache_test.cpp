#include "runtime/serving/vllm/kv_cache.hpp"

#include <string>

#include "catch.hpp"
#include "vramcalc/catalog.hpp"
#include "vramcalc/error.hpp"

// Figures that vLLM's rules or its logs give.
namespace vramcalc::vllm {
namespace {

const Catalog& catalog() {
  static const Catalog embedded;
  return embedded;
}

Architecture shape(const std::string& name) { return catalog().model(name).architecture; }

Bytes gib(double value) { return Bytes(static_cast<std::uint64_t>(value * static_cast<double>(GiB))); }
double in_gib(Bytes bytes) { return static_cast<double>(bytes.count()) / static_cast<double>(GiB); }

struct Engine {
  Release release{0, 19, 0};
  std::uint64_t max_model_len = 131072;
  std::uint32_t batched_tokens = 2048;
  std::uint32_t block_size = 16;
  CacheType type = CacheType::automatic;
  std::uint32_t tensor = 1;
  bool prefix_caching = false;
  std::uint32_t mtp = 0;
  std::uint32_t capability = 90;
  bool hybrid = true;
  bool v2 = false;
};

Settings settings(const Engine& engine) {
  Settings settings;
  settings.release = engine.release;
  settings.max_model_len = engine.max_model_len;
  settings.max_num_batched_tokens = engine.batched_tokens;
  settings.block_size = engine.block_size;
  settings.kv_cache_dtype = engine.type;
  settings.parallel.tensor = engine.tensor;
  settings.prefix_caching = engine.prefix_caching;
  settings.capability = engine.capability;
  settings.hybrid_kv_cache_manager = engine.hybrid;
  settings.v2_model_runner = engine.v2;
  if (engine.mtp > 0) settings.drafts = {serving::Drafts::Method::mtp, engine.mtp, ""};
  return settings;
}

KvCache cache(const std::string& model, const Engine& engine = {}) {
  return kv_cache(shape(model), settings(engine));
}

TEST_CASE("bytes per token") {
  using enum CacheType;
  struct Row {
    const char* model;
    Engine engine;
    std::uint64_t bytes;
  };
  const Row rows[] = {
      {"llama-3.1-8b",          {},                                                                   131072},
      {"llama-3.1-8b",          {.type = fp8},                                                        65536 },
      {"llama-3.1-8b",          {.type = int8_per_token_head},                                        67584 },
      {"llama-3.1-8b",          {.type = int4_per_token_head},                                        34816 },
      {"llama-3.1-8b",          {.type = nvfp4},                                                      36864 },
      {"llama-3.1-70b",         {},                                                                   327680},
      {"llama-3.1-70b",         {.tensor = 2},                                                        163840},
      {"llama-3.1-70b",         {.tensor = 8},                                                        40960 },
      {"llama-3.1-70b",         {.tensor = 16},                                                       40960 },
      {"qwen3-0.6b",            {},                                                                   114688},
      {"qwen3-32b",             {},                                                                   262144},
      {"mistral-small-3.2-24b", {},                                                                   163840},
      {"qwen3-235b-a22b",       {.tensor = 4},                                                        48128 },
      {"deepseek-v3",           {.tensor = 8},                                                        70272 },
      {"deepseek-r1",           {.type = fp8, .tensor = 8},                                           35136 },
      {"deepseek-v3.2",         {.release = {0, 11, 0}, .tensor = 8},                                 48068 },
      {"deepseek-v3.2",         {.type = fp8, .tensor = 8},                                           48068 },
      {"deepseek-v3.2",         {.type = fp8, .tensor = 8, .capability = 120},                        48068 },
      {"deepseek-v3.2",         {.type = fp8, .tensor = 8, .capability = 100},                        43188 },
      {"deepseek-v3.2",         {.type = bfloat16, .tensor = 8},                                      78324 },
      {"gpt-oss-120b",          {},                                                                   73728 },
      {"glm-4.7-flash",         {},                                                                   54144 },
      {"glm-5.2",               {.release = {0, 26, 0}, .type = fp8, .tensor = 4, .capability = 103}, 47700 },
      {"glm-5.1",               {.release = {0, 19, 0}, .tensor = 8},                                 100152},
      {"gemma-4-e2b",           {},                                                                   18432 },
      {"mimo-v2-flash",         {.release = {0, 28, 0}, .tensor = 4},                                 55680 },
  };
  for (const Row& row : rows) {
    INFO(row.model << " " << static_cast<int>(row.engine.type) << " tp " << row.engine.tensor);
    CHECK(cache(row.model, row.engine).bytes_per_token.count() == row.bytes);
  }
}

TEST_CASE("where a release or a backend decides and neither is known, the tokens are an interval") {
  CHECK(cache("deepseek-v3.2",
              {
                  .release = {0, 28, 0},
                    .tensor = 8
  })
            .doubt.low < 0.62);
  CHECK_FALSE(cache("deepseek-v3.2",
                    {
                        .release = {0, 11, 0},
                          .tensor = 8
  })
                  .doubt.any());
  CHECK_FALSE(cache("deepseek-v3.2",
                    {
                        .release = {0, 28, 0},
                          .type = CacheType::fp8
  })
                  .doubt.any());
  CHECK(cache("falcon-h1-7b",
              {
                  .release = {0, 28, 0},
                    .prefix_caching = true
  })
            .doubt.any());
  CHECK_FALSE(cache("falcon-h1-7b",
                    {
                        .release = {0, 28, 0}
  })
                  .doubt.any());
  CHECK_FALSE(cache("nemotron-h-8b",
                    {
                        .release = {0, 28, 0},
                          .prefix_caching = true
  })
                  .doubt.any());
  CHECK(cache("llama-3.1-8b", {.type = CacheType::turboquant_3bit_nc}).doubt.any());
}

TEST_CASE("turboquant packs a head, and leaves the outermost layers alone") {
  const KvCache packed = cache("llama-3.1-8b", {.type = CacheType::turboquant_k3v4_nc});
  CHECK(packed.bytes_per_token == Bytes(28 * 8 * 118 + 4 * 4096));
  CHECK(packed.groups.size() == 1);
}

TEST_CASE("the state's type is the config's where vLLM reads it") {
  const auto block = [](const char* model, Release release) {
    return cache(model, {.release = release}).block_size();
  };
  CHECK(block("nemotron-3-nano-30b-a3b", {0, 12, 0}) == 1072);
  CHECK(block("nemotron-3-nano-30b-a3b", {0, 13, 0}) == 2096);
  CHECK(block("nemotron-h-8b", {0, 19, 0}) < block("nemotron-h-8b", {0, 20, 0}));
}

TEST_CASE("ranks that share a sequence's tokens") {
  Settings shared = settings({.max_model_len = 131072, .block_size = 64, .tensor = 8});
  shared.parallel.decode_context = 8;
  const KvCache latent = kv_cache(shape("deepseek-v3"), shared);
  CHECK(latent.bytes_per_token == Bytes(70272 / 8));
  CHECK(latent.blocks_per_request(131072) == 131072 / 8 / 64);
  CHECK(latent.printed_tokens_of(1000) == 1000 * 64 * 8);
  CHECK_THROWS_AS(kv_cache(shape("gpt-oss-20b"), shared), Error);
}

TEST_CASE("a checkpoint may declare fp8 for its cache") {
  CHECK(kv_cache(shape("llama-3.1-8b"), settings({}), true).bytes_per_token == Bytes(65536));
  CHECK(kv_cache(shape("llama-3.1-8b"), settings({.type = CacheType::bfloat16}), true).bytes_per_token ==
        Bytes(131072));
}

TEST_CASE("Llama 3.1 8B on an H100: 420,864 tokens of 51.38 GiB") {
  const KvCache blocks =
      cache("llama-3.1-8b", {
                                .release = {0, 11, 0},
                                  .max_model_len = 16000, .block_size = 128
  });
  CHECK(blocks.blocks(gib(51.38)) == 3288);
  CHECK(blocks.printed_tokens(gib(51.38)) == 420864);
  CHECK(blocks.max_concurrency(gib(51.38), 16000) == Approx(26.304));
  CHECK(blocks.sequences(gib(51.38), 16000) == 26);
  CHECK(blocks.longest(gib(1), 131072) == 8192);
  CHECK(blocks.longest(gib(51.38), 131072) == 131072);
  CHECK(blocks.longest(Bytes(1000), 131072) == 0);
}

TEST_CASE("windows cost the full length without the hybrid KV cache manager") {
  struct Row {
    const char* model;
    Engine engine;
    double gib;
  };
  const Row rows[] = {
      {"gemma-3-27b",   {.batched_tokens = 8192},                       14.23},
      {"gemma-3-27b",   {.batched_tokens = 8192, .hybrid = false},      62.0 },
      {"gemma-3-27b",   {.release = {0, 9, 1}, .batched_tokens = 8192}, 62.0 },
      {"gpt-oss-120b",  {.batched_tokens = 2048},                       4.58 },
      {"gpt-oss-120b",  {.batched_tokens = 8192},                       4.79 },
      {"gpt-oss-120b",  {.batched_tokens = 16384},                      5.07 },
      {"gpt-oss-20b",   {.batched_tokens = 8192},                       3.19 },
      {"deepseek-v3",   {.block_size = 64},                             8.58 },
      {"llama-4-scout", {.batched_tokens = 8192},                       24.0 },
  };
  for (const Row& row : rows) {
    INFO(row.model << " " << row.engine.batched_tokens);
    CHECK(in_gib(cache(row.model, row.engine).needed(131072)) == Approx(row.gib).margin(0.006));
  }
}

TEST_CASE("from 0.27 windows hold the tokens of all batches in flight") {
  const Engine engine{
      .release = {0, 28, 0},
        .max_model_len = 32768, .batched_tokens = 16384
  };
  CHECK(cache("gemma-4-e2b", engine).blocks_per_request(32768) == 2048 + 4 * 1025);
  Engine before = engine;
  before.release = {0, 26, 0};
  CHECK(cache("gemma-4-e2b", before).blocks_per_request(32768) == 2048 + 4 * 529);
}

TEST_CASE("hybrids' attention blocks hold a state") {
  using enum CacheType;
  struct Row {
    const char* model;
    Engine engine;
    std::uint64_t block_size;
  };
  const Row rows[] = {
      {"qwen3.5-35b-a3b",             {},                                   1056},
      {"qwen3.5-9b",                  {},                                   528 },
      {"qwen3.6-27b",                 {},                                   784 },
      {"qwen3.6-27b",                 {.type = fp8},                        1568},
      {"qwen3.6-27b",                 {.mtp = 3},                           800 },
      {"qwen3-next-80b-a3b-instruct", {.release = {0, 10, 2}, .tensor = 2}, 544 },
      {"nemotron-3-nano-30b-a3b",     {.type = fp8},                        4176},
      {"nemotron-3-nano-4b",          {.type = fp8},                        992 },
      {"lfm2-1.2b",                   {},                                   16  },
  };
  for (const Row& row : rows) {
    INFO(row.model);
    CHECK(cache(row.model, row.engine).block_size() == row.block_size);
  }
}

TEST_CASE("Nemotron 3 Nano 4B: 208,320 tokens in 1473 blocks") {
  const KvCache hybrid = cache("nemotron-3-nano-4b", {.max_model_len = 262144, .type = CacheType::fp8});
  CHECK(hybrid.groups.size() == 7);
  CHECK(hybrid.printed_tokens_of(1473) == 208320);
}

TEST_CASE("models without attention keep one state per sequence") {
  const KvCache states = cache("mamba-2.8b", {.max_model_len = 2048, .prefix_caching = true});
  CHECK(states.groups.size() == 1);
  CHECK(states.bytes_per_token == Bytes(0));
  CHECK(states.blocks_per_request(2048) == 1);
  CHECK(states.bytes_per_block == std::vector{Bytes(64 * (5120 * 3 + 5120 * 16) * 2)});
  CHECK(states.printed_tokens_of(100) == 100 * 2048);
}

TEST_CASE("states per sequence by mode") {
  const auto states = [](const Engine& engine) {
    const KvCache hybrid = cache("qwen3.6-27b", engine);
    return hybrid.blocks_per_request(1) - 1;
  };
  CHECK(states({}) == 3);                                   // three groups of Gated DeltaNet
  CHECK(states({.prefix_caching = true}) == 6);             // align
  CHECK(states({.prefix_caching = true, .mtp = 2}) == 12);  // one per draft
}

TEST_CASE("DeepSeek V4 Flash is refused at 30,000 tokens, and 13,528 would fit") {
  const KvCache compressed = cache("deepseek-v4-flash", {
                                                            .release = {0, 22, 0},
                                                            .max_model_len = 30000,
                                                            .batched_tokens = 16384,
                                                            .type = CacheType::fp8,
                                                            .tensor = 2
  });
  CHECK(compressed.blocks_per_request(30000) == 6800);
  CHECK(in_gib(compressed.needed(30000)) == Approx(6.66).margin(0.005));
  CHECK(compressed.longest(gib(5.435), 30000) <= 13528);
  CHECK(compressed.longest(gib(5.445), 30000) >= 13528);
  CHECK(compressed.bytes_per_block == std::vector{Bytes(1051776)});
  CHECK(compressed.doubt.any());
}

TEST_CASE("EAGLE's head and prediction layers have caches of their own") {
  Settings eagle = settings({
      .release = {0, 19, 0}
  });
  eagle.drafts = {serving::Drafts::Method::eagle, 3, "some"};
  const KvCache with_head = kv_cache(shape("llama-3.1-8b"), eagle);
  CHECK(with_head.bytes_per_token == Bytes(33 * 4096));
  CHECK(with_head.printed_tokens(gib(51.63)) == Approx(410128).margin(16 * 3));
  CHECK(cache("deepseek-r1", {.tensor = 8, .mtp = 1}).bytes_per_token == Bytes(62 * 1152));
}

TEST_CASE("pipeline stages store their own layers") {
  Settings two = settings({});
  two.parallel.pipeline = 2;
  const KvCache halves = kv_cache(shape("llama-3.1-8b"), two);
  CHECK(halves.bytes_per_block == std::vector{Bytes(16 * 65536), Bytes(16 * 65536)});
  CHECK(halves.bytes_per_token == Bytes(65536));
  const KvCache uneven = kv_cache(shape("gemma-3-27b"), two);  // 62 layers: five of the ten full ones each
  CHECK(uneven.groups.size() == 7);
  CHECK(uneven.bytes_per_block.size() == 2);
  CHECK(halves.blocks(std::array{gib(2), gib(1)}) == 1024);
  CHECK(halves.blocks(gib(1)) == 1024);
}

TEST_CASE("what vLLM does not run is refused with a reason") {
  const auto refusal = [](const std::string& model, const Engine& engine) -> std::string {
    try {
      cache(model, engine);
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  };
  CHECK(refusal("embeddinggemma-300m", {}) == "vLLM keeps no KV cache for an encoder");
  CHECK(refusal("llama-3.2-11b-vision", {})
            .starts_with("vLLM's engine V1 does not run attention to the tokens"));
  CHECK(refusal("qwen3.6-27b", {.hybrid = false})
            .starts_with("vLLM does not run models with recurrent layers"));
  CHECK(refusal("llama-3.1-8b", {.type = CacheType::fp8_ds_mla})
            .starts_with("fp8_ds_mla is a format for latent"));
  CHECK(refusal("deepseek-r1", {.type = CacheType::nvfp4}).starts_with("vLLM stores latent attention (MLA)"));
  CHECK(refusal("llama-3.1-8b", {.mtp = 1}) == "the model has no layers for multi-token prediction");
}

}  // namespace
}  // namespace vramcalc::vllm
