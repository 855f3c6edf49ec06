#include "catch.hpp"
#include "runtime/serving/sglang/budget.hpp"
#include "runtime/serving/sglang/kv_pools.hpp"
#include "serving/sglang_pairs.hpp"
#include "vramcalc/catalog.hpp"

namespace vramcalc::sglang {
namespace {

const Catalog& catalog() {
  static const Catalog catalog;
  return catalog;
}

TargetDevice h200() {
  TargetDevice device;
  device.driver_total = Bytes(143'771 * MiB);
  device.total = Bytes(143'156 * MiB);
  device.capability = 90;
  return device;
}

Settings settings_of(const Architecture& architecture, std::uint32_t tp = 1, Options options = {},
                     std::uint64_t context = 131'072) {
  options.tp_size = tp;
  return resolve(options, architecture, h200(), context, tp);
}

double gib(Bytes bytes) { return static_cast<double>(bytes.count()) / static_cast<double>(GiB); }

TEST_CASE("SGLang's pools are those that starts logged") {
  const std::vector<test::SglangPools> starts = test::sglang_pools(catalog());
  CHECK(starts.size() == 12);
  for (const auto& [start, pools, sizes] : starts) {
    INFO(start.model << " " << start.source);
    if (start.bytes_per_token != 0) CHECK(pools.full_bytes_per_token.count() == start.bytes_per_token);
    if (start.full_bytes != 0) CHECK(pools.full_bytes_per_token.count() == start.full_bytes);
    if (start.swa_bytes != 0) CHECK(pools.swa_bytes_per_token.count() == start.swa_bytes);
    CHECK(sizes.tokens == (start.full_tokens != 0 ? start.full_tokens : start.tokens));
    CHECK(sizes.swa_tokens == start.swa_tokens);
    CHECK(gib(sizes.cache) == Approx(start.kv_gib).margin(0.011));
    if (start.max_running != 0) CHECK(sizes.max_running_requests == start.max_running);
    // with a padding slot
    if (start.states_gib > 0)
      CHECK(gib(pools.state_slot * (start.state_slots + 1)) == Approx(start.states_gib).margin(0.011));
  }
}

TEST_CASE("Bytes per token of SGLang's pools") {
  struct Row {
    const char* model;
    std::uint32_t tp;
    CacheType cache;
    std::uint64_t full, swa;
  };
  const Row rows[] = {
      {"llama-3.1-8b",    1,  CacheType::automatic, 131'072, 0      },
      {"llama-3.3-70b",   8,  CacheType::automatic, 40'960,  0      },
      {"llama-3.3-70b",   16, CacheType::automatic, 40'960,  0      }, // one head per rank at least
      {"llama-3.1-8b",    1,  CacheType::fp8_e4m3,  65'536,  0      },
      {"llama-3.1-8b",    1,  CacheType::fp4_e2m1,  36'864,  0      },
      {"deepseek-v3",     8,  CacheType::automatic, 70'272,  0      },
      {"deepseek-v3",     8,  CacheType::fp8_e4m3,  35'136,  0      },
      {"kimi-k2.5",       8,  CacheType::automatic, 70'272,  0      },
      {"glm-5",           8,  CacheType::fp8_e4m3,  61'464,  0      }, // 78 × (656 + 132)
      {"glm-5",           8,  CacheType::automatic, 100'152, 0      }, // 78 × (1152 + 132) on Hopper
      {"deepseek-v3.2",   8,  CacheType::fp8_e4m3,  48'068,  0      },
      {"gpt-oss-120b",    1,  CacheType::automatic, 36'864,  36'864 },
      {"gemma-3-27b",     1,  CacheType::automatic, 507'904, 0      }, // its windows keep every token
      {"gemma-4-26b-a4b", 1,  CacheType::automatic, 20'480,  204'800},
      {"gemma-4-e4b",     1,  CacheType::automatic, 28'672,  71'680 }, // layers that share a cache have one
      {"mimo-v2-flash",   4,  CacheType::automatic, 5760,
       49'920                                                       }, // logged: 300,288 tokens in 8.38 and 5.59 GiB
      {"qwen3.5-4b",      1,  CacheType::automatic, 32'768,  0      },
  };
  for (const Row& row : rows) {
    INFO(row.model << " --tp " << row.tp);
    const Architecture architecture = catalog().model(row.model).architecture;
    Options options;
    options.kv_cache_dtype = row.cache;
    const Architecture& shape = architecture;
    const std::uint32_t heads_divide = row.tp;
    const KvPools pools = kv_pools(settings_of(shape, heads_divide, options), shape);
    CHECK(pools.full_bytes_per_token.count() == row.full);
    CHECK(pools.swa_bytes_per_token.count() == row.swa);
  }
}

TEST_CASE("Sparse MLA in 8 bits has no scales on Blackwell") {
  const Architecture glm = catalog().model("glm-5").architecture;
  TargetDevice b200 = h200();
  b200.capability = 100;
  Options options;
  options.tp_size = 8;
  CHECK(kv_pools(resolve(options, glm, b200, 131'072, 8), glm).full_bytes_per_token ==
        Bytes(78 * (576 + 132)));
  b200.capability = 120;  // an RTX PRO 6000 runs GLM with other kernels
  CHECK(kv_pools(resolve(options, glm, b200, 131'072, 8), glm).full_bytes_per_token ==
        Bytes(78 * (656 + 132)));
}

TEST_CASE("Kimi-K2.5 in INT4 on eight GPUs") {
  const Architecture kimi = catalog().model("kimi-k2.5").architecture;
  const Settings settings = settings_of(kimi, 8, {}, 262'144);
  const KvPools pools = kv_pools(settings, kimi);
  const PoolSizes sizes = pool_sizes(pools, settings, Bytes(2'454'421ull * 70'272));
  CHECK(sizes.tokens == 2'454'421);
  CHECK(gib(sizes.cache) == Approx(160.63).margin(0.005));
  CHECK(sizes.max_running_requests == 4096);
  CHECK(longest_request(sizes, settings) == 262'144);
  CHECK(concurrent_requests(sizes, pools, settings, 262'144) == Approx(9.363).margin(0.001));
}

TEST_CASE("The requests that run at once") {
  struct Row {
    std::uint64_t tokens, context, limit, requests;
  };
  const Row rows[] = {
      {903'439,   131'072, 0,      3529  }, // tokens / context × 512
      {100'000,   131'072, 0,      2048  }, // but not fewer than 2048
      {4'000'000, 8192,    0,      4096  }, // nor more than 4096
      {1000,      8192,    0,      500   }, // nor than half the tokens
      {903'439,   131'072, 10'000, 10'000},
  };
  const Architecture llama = catalog().model("llama-3.1-8b").architecture;
  for (const Row& row : rows) {
    INFO(row.tokens);
    Options options;
    options.max_total_tokens = row.tokens;
    if (row.limit != 0) options.max_running_requests = static_cast<std::uint32_t>(row.limit);
    const Settings settings = settings_of(llama, 1, options, row.context);
    CHECK(pool_sizes(kv_pools(settings, llama), settings, Bytes(700 * GiB)).max_running_requests ==
          row.requests);
  }
}

TEST_CASE("Recurrent states take 9 / 19 of the budget") {
  const Architecture qwen = catalog().model("qwen3.5-4b").architecture;
  Options options;
  options.release = {0, 5, 16};
  Settings settings = settings_of(qwen, 1, options, 262'144);
  const KvPools pools = kv_pools(settings, qwen);
  // 24 layers: 3 inputs of 8192 channels in 16 bits, 32 heads × 128 × 128 in 32
  CHECK(pools.state_slot == Bytes(24ull * (3 * 8192 * 2 + 32 * 128 * 128 * 4)));
  const Bytes budget(pools.state_slot.count() * 43 * 19 / 9 + 1000);
  const PoolSizes before = pool_sizes(pools, settings, budget);
  CHECK(before.state_slots == 43);
  CHECK(before.states == pools.state_slot * 43);
  CHECK(before.max_running_requests == 14);  // three slots each

  settings.release = {0, 5, 18};
  const PoolSizes after = pool_sizes(pools, settings, budget);
  CHECK(after.state_slots == 42);
  CHECK(after.states == pools.state_slot * 43);  // with a padding slot
  CHECK(pool_sizes(pools, settings, Bytes(budget.count() + pools.state_slot.count() * 19 / 9)).states ==
        pools.state_slot * 44);
  CHECK(pool_sizes(pools, settings, Bytes(1000)) == PoolSizes{});

  CHECK(settings_of(qwen).state_slots_per_request == 5);
  Options without_cache;
  without_cache.disable_radix_cache = true;
  CHECK(settings_of(qwen, 1, without_cache).state_slots_per_request == 1);
}

// 130.51 GiB were free after loading 8.62 GiB on an H200, and 33.84 GiB after the pools.
TEST_CASE("Qwen3.5-4B on an H200, from its log") {
  const Architecture qwen = catalog().model("qwen3.5-4b").architecture;
  const Settings settings = settings_of(qwen, 1, {}, 262'144);
  const KvPools pools = kv_pools(settings, qwen);
  const Bytes available(static_cast<std::uint64_t>((1'651'079.0 * 32'768) * 19 / 10));
  const PoolSizes sizes = pool_sizes(pools, settings, available);
  CHECK(static_cast<double>(sizes.tokens) == Approx(1'651'079).epsilon(0.001));
  CHECK(gib(sizes.cache) == Approx(50.38).margin(0.05));
  CHECK(gib(sizes.cache + sizes.states) == Approx(130.51 - 33.84).margin(1.0));
}

// Nemotron-3-Nano-30B-A3B with an 8-bit cache on four GPUs: 2211 slots of 0.44 GiB of convolution inputs and
// 24.84 GiB of states, and 14.05 GiB each of K and V for 19,644,177 tokens.
TEST_CASE("Nemotron-3-Nano, from its log") {
  const Architecture nemotron = catalog().model("nemotron-3-nano-30b-a3b").architecture;
  Options options;
  options.kv_cache_dtype = CacheType::fp8_e4m3;
  const Settings settings = settings_of(nemotron, 4, options, 262'144);
  const KvPools pools = kv_pools(settings, nemotron);
  CHECK(gib(pools.state_slot * 2212) == Approx(0.44 + 24.84).margin(0.01));
  CHECK(gib(pools.full_bytes_per_token * 19'644'177) == Approx(2 * 14.05).margin(0.01));
  const PoolSizes sizes =
      pool_sizes(pools, settings,
                 Bytes(pools.full_bytes_per_token.count() * 19'644'177 + pools.state_slot.count() * 2212));
  CHECK(sizes.state_slots == 2211);
  CHECK(static_cast<double>(sizes.tokens) == Approx(19'644'177).epsilon(0.0005));
  CHECK(sizes.max_running_requests == 442);
}

TEST_CASE("Drafts enlarge SGLang's cells from 0.5.11 on") {
  const Architecture deepseek = catalog().model("deepseek-v3").architecture;
  Options options;
  options.drafts.method = serving::Drafts::Method::mtp;
  options.drafts.tokens = 4;
  CHECK(kv_pools(settings_of(deepseek, 8, options), deepseek).full_bytes_per_token == Bytes(62 * 1152));
  options.release = {0, 5, 9};
  CHECK(kv_pools(settings_of(deepseek, 8, options), deepseek).full_bytes_per_token == Bytes(61 * 1152));
}

TEST_CASE("Pages, pipeline stages and limits of SGLang's pools") {
  const Architecture llama = catalog().model("llama-3.1-8b").architecture;
  Options options;
  options.page_size = 64;
  const Settings paged = settings_of(llama, 1, options);
  CHECK(pool_sizes(kv_pools(paged, llama), paged, Bytes(131'072ull * 1000)).tokens == 960);

  options = {};
  options.pp_size = 3;  // 10 + 11 + 11 layers
  CHECK(kv_pools(settings_of(llama, 1, options), llama).full_bytes_per_token == Bytes(11 * 4096));

  const Settings plain = settings_of(llama);
  const PoolSizes none = pool_sizes(kv_pools(plain, llama), plain, Bytes(0));
  CHECK(none == PoolSizes{});
  CHECK(longest_request(none, plain) == 0);
  CHECK(concurrent_requests(none, kv_pools(plain, llama), plain, 1000) == 0);
  const PoolSizes few = pool_sizes(kv_pools(plain, llama), plain, Bytes(131'072ull * 1741));
  CHECK(longest_request(few, plain) == 1740);
}

TEST_CASE("DeepSeek V4 has window pools, compressed pools and compressor states") {
  const Architecture flash = catalog().model("deepseek-v4-flash").architecture;
  const Settings settings = settings_of(flash, 4, {}, 131'072);
  CHECK(settings.page_size == 256);
  CHECK(settings.max_running_requests == 256u);
  const KvPools pools = kv_pools(settings, flash);
  // 43 layers × 0.1 × 584; 21 × (584 + 132) / 4 and their rings of 8 per 128 tokens; 20 × 584 / 128
  const double expected = 4.3 * 584 + 21 * (716.0 / 4 + 0.1 / 16 * 4 * 640 * 4) + 20 * 584.0 / 128;
  CHECK(pools.cell_size == Approx(expected));
  CHECK(pools.compressor_slot == Bytes(20ull * 2 * 512 * 4 * 128));
}

// ---- the budget

TEST_CASE("The bytes of SGLang's pools") {
  const Architecture grok = catalog().model("grok-2").architecture;
  Options options;
  options.release = {0, 5, 2};
  options.tp_size = 8;
  TargetDevice h100;
  h100.driver_total = Bytes(81'559 * MiB);
  const Settings settings = resolve(options, grok, h100, 131'072, 8);
  options.free_memory = Bytes(static_cast<std::uint64_t>(77.43 * GiB));
  const Budget budget =
      memory_budget(settings, options, h100, Amount::exactly(Bytes(static_cast<std::uint64_t>(36.74 * GiB))));
  CHECK(budget.pools.low == budget.pools.high);
  CHECK(gib(budget.pools.best) == Approx(27.58).margin(0.03));  // as logged
  CHECK(gib(request_table(settings, 3529)) == Approx(1.72).margin(0.01));
  CHECK(budget.least_fraction.best == Approx(36.74 / 77.43));

  options.free_memory.reset();
  h100.total = Bytes(static_cast<std::uint64_t>(79.2 * GiB));
  const Budget estimated = memory_budget(settings, options, h100, budget.weights);
  CHECK(gib(estimated.free_before_load.low) < 77.43);
  CHECK(gib(estimated.free_before_load.high) > 77.43);
  CHECK(estimated.pools.low < budget.pools.best);
  CHECK(estimated.pools.high > budget.pools.best);

  options.available_kv_memory = Bytes(27 * GiB);
  CHECK(memory_budget(settings, options, h100, budget.weights).pools == Amount::exactly(Bytes(27 * GiB)));
}

// Gemma-4-26B-A4B in 47.23 GiB on a GB10 with 113.28 GiB free and a fraction of 0.75: pools of 36.69 GiB.
TEST_CASE("The reserve for multimodal input") {
  const Architecture gemma = catalog().model("gemma-4-26b-a4b").architecture;
  const auto exactly = [](double gib) {
    return Bytes(static_cast<std::uint64_t>(gib * static_cast<double>(GiB)));
  };
  Options options;
  options.release = {0, 5, 18};
  options.mem_fraction_static = 0.75;
  options.free_memory = exactly(113.28);
  const Settings settings = settings_of(gemma, 1, options);
  const Amount weights = Amount::exactly(exactly(47.23));
  const Amount logged = memory_budget(settings, options, h200(), weights).pools;
  CHECK(gib(logged.best) == Approx(36.69).margin(0.06));
  CHECK(gib(logged.high) == Approx(113.28 * 0.75 - 47.23).margin(0.001));
  options.release = {0, 5, 20};
  const Settings newer = settings_of(gemma, 1, options);
  CHECK(gib(memory_budget(newer, options, h200(), weights).pools.best) == Approx(37.63).margin(0.01));
}

// 125.65 GiB of weights and 12.25 GiB left; with MTP 3.07 GiB more.
TEST_CASE("The smallest fraction that starts") {
  const Architecture pro = catalog().model("deepseek-v4-pro").architecture;
  Options options;
  options.tp_size = 8;
  options.mem_fraction_static = 0.88;
  options.free_memory = Bytes(static_cast<std::uint64_t>(137.9 * GiB));
  const auto weights = [](double gib) {
    return Amount::exactly(Bytes(static_cast<std::uint64_t>(gib * static_cast<double>(GiB))));
  };
  const Settings settings = resolve(options, pro, h200(), 131'072, 8);
  const Budget plain = memory_budget(settings, options, h200(), weights(125.65));
  CHECK(plain.least_fraction.best == Approx(0.9113).margin(0.0003));
  CHECK(memory_budget(settings, options, h200(), weights(128.72)).least_fraction.best ==
        Approx(0.9335).margin(0.0003));
  CHECK_THAT(refusal(plain, settings),
             Catch::Contains("Loaded weights leave no GPU memory for the KV cache under "
                             "--mem-fraction-static=0.880.") &&
                 Catch::Contains("Raise --mem-fraction-static above 0.912"));

  options.mem_fraction_static = 0.92;
  const Settings enough = resolve(options, pro, h200(), 131'072, 8);
  CHECK(refusal(memory_budget(enough, options, h200(), weights(125.65)), enough).empty());

  options.release = {0, 5, 2};
  options.mem_fraction_static = 0.5;
  const Settings old = resolve(options, pro, h200(), 131'072, 8);
  CHECK_THAT(refusal(memory_budget(old, options, h200(), weights(125.65)), old),
             Catch::Contains("Not enough memory. Please try to increase --mem-fraction-static."));
  CHECK_THAT(refusal(memory_budget(old, options, h200(), weights(140)), old),
             Catch::Contains("use more GPUs"));
}

TEST_CASE("Which way to move the fraction") {
  const Architecture llama = catalog().model("llama-3.1-8b").architecture;
  Options options;
  options.mem_fraction_static = 0.98;
  options.free_memory = Bytes(139 * GiB);
  const Settings settings = settings_of(llama, 1, options);
  const Amount weights = Amount::exactly(Bytes(15 * GiB));
  const Budget budget = memory_budget(settings, options, h200(), weights);
  CHECK(advice(budget, settings, Amount::exactly(Bytes(2 * GiB))).empty());
  CHECK_THAT(advice(budget, settings, Amount::exactly(Bytes(10 * GiB))),
             Catch::Contains("lower --mem-fraction-static to 0.92"));
  options.mem_fraction_static = 0.1;
  const Settings little = settings_of(llama, 1, options);
  CHECK_THAT(advice(memory_budget(little, options, h200(), weights), little, {}),
             Catch::Contains("--mem-fraction-static 0.108 is the smallest"));
}

}  // namespace
}  // namespace vramcalc::sglang
