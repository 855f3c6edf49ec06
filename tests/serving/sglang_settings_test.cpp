#include "catch.hpp"
#include "runtime/serving/sglang/mem_fraction.hpp"
#include "runtime/serving/sglang/release.hpp"
#include "runtime/serving/sglang/settings.hpp"
#include "vramcalc/error.hpp"

namespace vramcalc::sglang {
namespace {

Architecture of_blocks(Attention attention) {
  Architecture architecture;
  architecture.model_type = "llama";
  architecture.hidden_size = 4096;
  architecture.vocab_size = 128'256;
  architecture.context_length = 131'072;
  architecture.blocks.assign(32, {std::move(attention), DenseFeedForward{14'336}});
  return architecture;
}

Architecture dense() {
  GroupedQueryAttention attention;
  attention.heads = 64, attention.kv_heads = 8, attention.key_length = attention.value_length = 128;
  return of_blocks(attention);
}

Architecture latent() {
  LatentAttention attention;
  attention.heads = 128, attention.kv_lora_rank = 512, attention.qk_rope_head_dim = 64;
  Architecture architecture = of_blocks(attention);
  architecture.model_type = "deepseek_v3";
  return architecture;
}

Architecture sparse() {
  Architecture architecture = latent();
  for (Block& block : architecture.blocks)
    std::get<LatentAttention>(block.attention).indexer = Indexer{64, 128, 2048};
  return architecture;
}

TargetDevice device(std::uint64_t mib, std::uint32_t capability = 90) {
  TargetDevice device;
  device.driver_total = Bytes(mib * MiB);
  device.capability = capability;
  return device;
}

constexpr std::uint64_t t4 = 15'360, rtx_4090 = 24'564, rtx_5090 = 32'607, a100_40 = 40'960, l40s = 46'068,
                        a100_80 = 81'920, h100 = 81'559, h200 = 143'771, b200 = 183'359;

Options at(std::uint32_t tp) {
  Options options;
  options.release = {0, 5, 18};
  options.tp_size = tp;
  return options;
}

double fraction(const Options& options, std::uint64_t mib, const Architecture& architecture = dense()) {
  return resolve(options, architecture, device(mib), 8192, 1).mem_fraction_static.best;
}

TEST_CASE("SGLang's default fraction") {
  struct Row {
    std::uint64_t mib;
    std::uint32_t tp;
    bool latent;
    double fraction;
  };
  const Row rows[] = {
      {t4,       1, false, .735},
      {16'384,   1, false, .752},
      {rtx_4090, 1, false, .833},
      {rtx_5090, 1, false, .874},
      {a100_40,  1, false, .823},
      {l40s,     1, false, .843},
      {a100_80,  1, false, .830},
      {a100_80,  8, false, .813},
      {a100_80,  8, true,  .800},
      {h100,     1, false, .830},
      {h100,     2, false, .828},
      {h100,     8, false, .812},
      {h100,     8, true,  .799},
      {h200,     1, false, .903},
      {h200,     8, false, .893},
      {h200,     8, true,  .886},
      {b200,     1, false, .854},
      {b200,     8, false, .849},
      {b200,     8, true,  .844},
  };
  for (const Row& row : rows) {
    INFO(row.mib << " MiB, --tp " << row.tp);
    CHECK(fraction(at(row.tp), row.mib, row.latent ? latent() : dense()) ==
          Approx(row.fraction).margin(1e-9));
  }
}

TEST_CASE("SGLang's default fraction by release") {
  struct Row {
    Release release;
    std::uint64_t mib;
    std::uint32_t tp;
    double fraction;
  };
  const Row rows[] = {
      {{0, 4, 3},  h100,     1,  .88 },
      {{0, 4, 3},  h100,     8,  .81 },
      {{0, 4, 6},  h100,     16, .79 },
      {{0, 4, 7},  h100,     8,  .831}, // 9.5 + 8 / 2 of 79.6 GiB
      {{0, 5, 2},  rtx_4090, 1,  .879}, // 2.8 + 1 / 10 of 24.0 GiB
      {{0, 5, 2},  h200,     8,  .886}, // 12 + 8 / 2 of 140.4 GiB
      {{0, 5, 2},  b200,     8,  .821}, // 32 of 179.1 GiB
      {{0, 5, 3},  rtx_4090, 1,  .847}, // 512 + 3072 + 128 + 48 of 24,564 MiB
      {{0, 5, 8},  h100,     1,  .835}, // 512 + 12,288 + 128 + 512 of 81,559 MiB
      {{0, 5, 10}, h100,     1,  .830}, // … + 58 prefill graphs of 8 MiB
      {{0, 5, 20}, rtx_4090, 1,  .704}, // 512 + 6144 + 128 + 96, and 50 graphs
  };
  for (const Row& row : rows) {
    INFO(row.release.minor << '.' << row.release.patch << ", " << row.mib << " MiB, --tp " << row.tp);
    Options options = at(row.tp);
    options.release = row.release;
    CHECK(fraction(options, row.mib) == Approx(row.fraction).margin(1e-9));
  }
}

TEST_CASE("What changes SGLang's default fraction") {
  Options dp = at(8);
  dp.enable_dp_attention = true, dp.dp_size = 8;
  // 14,848 MiB as without, 58 prefill graphs, and 512 × 8 × 4.5
  CHECK(fraction(dp, h200) == Approx(.765));

  Options drafts = at(1);
  drafts.release = {0, 5, 8};
  drafts.drafts.method = serving::Drafts::Method::eagle;
  CHECK(fraction(drafts, h100) == Approx(.810));
  drafts.release = {0, 5, 18};  // the draft model lies in the fraction
  CHECK(fraction(drafts, h100) == Approx(.830));

  Options eager = at(1);
  eager.disable_cuda_graph = true;  // 512 + 12,288 + 128
  CHECK(fraction(eager, h100) == Approx(.841));

  Options chunk = at(1);
  chunk.chunked_prefill_size = 2048;
  CHECK(fraction(chunk, h100) == Approx(.874));  // never less than 10 GiB
}

TEST_CASE("A multimodal model's default fraction") {
  Architecture model = dense();
  model.model_type = "mistral3";
  model.towers = {
      {"vision: pixtral", 400'000'000}
  };
  const Fraction known = resolve(at(1), model, device(h100), 8192, 1).mem_fraction_static;
  CHECK(known.best == Approx(.835 * .95));  // no prefill graphs, and a tower of ViT-L/14's size
  CHECK(known.low == known.high);

  model.model_type = "some_vl";
  const Fraction unknown = resolve(at(1), model, device(h100), 8192, 1).mem_fraction_static;
  CHECK(unknown.low < unknown.best);
  CHECK(unknown.best < unknown.high);
  CHECK(unknown.high == Approx(.835 * .95 * 1.034).epsilon(0.001));

  Options given = at(1);
  given.mem_fraction_static = 0.8;
  CHECK(resolve(given, model, device(h100), 8192, 1).mem_fraction_static == Fraction::exactly(0.8));
}

TEST_CASE("AITER takes 15 % of any fraction for long sequences") {
  Options options = at(1);
  options.mem_fraction_static = 0.6;
  TargetDevice rocm = device(294'896, 0);
  rocm.backend = Backend::rocm;
  CHECK(resolve(options, dense(), rocm, 32'768, 1).mem_fraction_static.best == Approx(0.51));
  CHECK(resolve(options, dense(), rocm, 8192, 1).mem_fraction_static.best == Approx(0.6));
}

TEST_CASE("SGLang's batch sizes by GPU") {
  struct Row {
    Release release;
    std::uint64_t mib;
    std::uint32_t tp, chunk, max_bs;
  };
  const Row rows[] = {
      {{0, 5, 18}, t4,       1, 2048,   8  },
      {{0, 5, 18}, rtx_4090, 1, 2048,   24 },
      {{0, 5, 18}, rtx_4090, 4, 2048,   80 },
      {{0, 5, 20}, rtx_4090, 1, 4096,   48 },
      {{0, 5, 20}, rtx_5090, 4, 4096,   160},
      {{0, 5, 18}, l40s,     1, 4096,   32 },
      {{0, 5, 18}, l40s,     4, 4096,   160},
      {{0, 5, 18}, h100,     2, 8192,   256},
      {{0, 5, 18}, h200,     8, 8192,   512},
      {{0, 5, 18}, b200,     1, 16'384, 512},
      {{0, 5, 2},  l40s,     1, 8192,   160},
      {{0, 5, 2},  rtx_4090, 1, 2048,   8  },
      {{0, 4, 3},  l40s,     1, 8192,   160},
      {{0, 5, 18}, 0,        1, 4096,   160},
  };
  for (const Row& row : rows) {
    INFO(row.mib << " MiB, --tp " << row.tp);
    Options options = at(row.tp);
    options.release = row.release;
    const Settings settings = resolve(options, dense(), device(row.mib), 8192, 1);
    CHECK(settings.chunked_prefill_size == row.chunk);
    CHECK(settings.cuda_graph_max_bs == row.max_bs);
  }
  CHECK(captured_prefill_sizes(2048) == 42);
  CHECK(captured_prefill_sizes(8192) == 58);
  CHECK(captured_batch_sizes(160, false) == 24);
  CHECK(captured_batch_sizes(512, false) == 52);
  CHECK(captured_batch_sizes(48, true) == 23);
}

TEST_CASE("SGLang's page size and cache type by attention and GPU") {
  struct Row {
    const char* what;
    Architecture architecture;
    std::uint32_t capability, page_size;
    CacheType cache;
  };
  const Row rows[] = {
      {"dense, Hopper",     dense(),  90,  1,  CacheType::bfloat16},
      {"dense, B200",       dense(),  100, 64, CacheType::bfloat16},
      {"dense, RTX 5090",   dense(),  120, 1,  CacheType::bfloat16},
      {"latent, Hopper",    latent(), 90,  1,  CacheType::bfloat16},
      {"latent, B200",      latent(), 100, 64, CacheType::bfloat16},
      {"sparse, Hopper",    sparse(), 90,  64, CacheType::bfloat16},
      {"sparse, Blackwell", sparse(), 100, 64, CacheType::fp8_e4m3},
  };
  for (const Row& row : rows) {
    INFO(row.what);
    const Settings settings = resolve(at(8), row.architecture, device(h200, row.capability), 8192, 8);
    CHECK(settings.page_size == row.page_size);
    CHECK(settings.kv_cache_dtype == row.cache);
  }
}

TEST_CASE("SGLang's ranks") {
  Options options = at(8);
  options.dp_size = 4;
  CHECK(resolve(options, dense(), device(h100), 8192, 32).replicas == 4);
  options.enable_dp_attention = true;
  const Settings attention = resolve(options, dense(), device(h100), 8192, 8);
  CHECK(attention.replicas == 1);
  CHECK(attention.parallel.tensor == 2);
  CHECK(attention.parallel.data == 4);
  CHECK(attention.chunked_prefill_size == 2048);
  CHECK(tp_size(attention) == 8);

  Options all;
  all.pp_size = 2;
  CHECK(resolve(all, dense(), device(h100), 8192, 8).parallel.tensor == 4);
}

std::string refusal_of(const Options& options, const Architecture& architecture) {
  try {
    resolve(options, architecture, device(h100), 8192, 8);
  } catch (const Error& refusal) {
    CHECK(refusal.code() == ErrorCode::bad_value);
    return refusal.what();
  }
  return "";
}

TEST_CASE("What SGLang refuses") {
  CHECK_THAT(refusal_of(at(3), dense()), Catch::Contains("64 is not divisible by 3"));
  Options options = at(8);
  options.enable_dp_attention = true, options.dp_size = 3;
  CHECK_THAT(refusal_of(options, dense()), Catch::Contains("1 < dp-size <= tp-size"));
  options = at(8);
  options.ep_size = 3;
  CHECK_THAT(refusal_of(options, dense()), Catch::Contains("--ep-size that divides --tp 8"));
  options = at(8);
  options.page_size = 48;
  CHECK_THAT(refusal_of(options, dense()), Catch::Contains("multiple of the page size 48"));
  options = at(8);
  options.kv_cache_dtype = CacheType::fp8_e5m2;
  CHECK_THAT(refusal_of(options, sparse()), Catch::Contains("bf16/bfloat16 or fp8_e4m3"));
  CHECK(refusal_of(options, dense()).empty());
  Architecture three_kv_heads = dense();
  for (Block& block : three_kv_heads.blocks) std::get<GroupedQueryAttention>(block.attention).kv_heads = 3;
  CHECK_THAT(refusal_of(at(8), three_kv_heads), Catch::Contains("3 KV heads on 8"));
  options = at(8);
  options.drafts.method = serving::Drafts::Method::draft_model;
  CHECK_THROWS_AS(resolve(options, dense(), device(h100), 8192, 8), Error);
  options = at(8);
  options.mem_fraction_static = 1.5;
  CHECK_THAT(refusal_of(options, dense()), Catch::Contains("between 0 and 1"));
  options = at(8);
  options.pp_size = 40;
  CHECK_THAT(refusal_of(options, dense()), Catch::Contains("32 layers"));
}

TEST_CASE("Releases of SGLang") {
  CHECK(parse_release("0.5.9") == Release{0, 5, 9});
  CHECK(parse_release("v0.5.12.post1") == Release{0, 5, 12});
  CHECK(parse_release("0.5") == Release{0, 5, 0});
  CHECK(parse_release("0.5.22") > newest_read);
  for (const char* text : {"", "five", "0.5.x", "0.5.9-dirty", "0.4.2", "0.1.13"}) {
    INFO(text);
    CHECK_THROWS_AS(parse_release(text), Error);
  }
}

}  // namespace
}  // namespace vramcalc::sglang
