#include <map>

#include "catch.hpp"
#include "runtime/serving/sglang/capacity.hpp"
#include "runtime/serving/sglang/loaded_weights.hpp"
#include "vramcalc/catalog.hpp"

namespace vramcalc::sglang {
namespace {

const Architecture& architecture(const std::string& id) {
  static const Catalog catalog;
  static std::map<std::string, Architecture> known;
  return known.try_emplace(id, catalog.model(id).architecture).first->second;
}

TargetDevice h200() {
  TargetDevice device;
  device.total = device.driver_total = Bytes(143'771 * MiB);
  device.capability = 90;
  return device;
}

LoadedWeights sixteen_bits(const std::string& id, Options options) {
  const Architecture& shape = architecture(id);
  const Settings settings = resolve(options, shape, h200(), 131'072, 1);
  return loaded_weights(checkpoint_parts(shape, Packing{}), shape, settings);
}

double gib(Bytes bytes) { return static_cast<double>(bytes.count()) / static_cast<double>(GiB); }

// An H200 had 8.62 GiB less after loading it. (Figures of GPUs that share the host's memory are no measure.)
TEST_CASE("What SGLang logs as loaded for Qwen3.5-4B") {
  Options options;
  options.tp_size = 1;
  const Amount weights = sixteen_bits("qwen3.5-4b", options).target;
  CHECK(gib(weights.best) == Approx(8.62).epsilon(0.015));
  CHECK(gib(weights.low) <= 8.62);
  CHECK(gib(weights.high) >= 8.62);
}

// 4 bytes per cosine or sine, and the positions of multimodal rope (Qwen2.5-VL) are the model's.
TEST_CASE("SGLang's tables of rotary embeddings") {
  struct Row {
    const char* model;
    std::uint64_t values;
  };
  for (const Row& row : {
           Row{"llama-3.1-8b",  131072 * 128},
           Row{"qwen2.5-vl-7b", 128000 * 128},
           Row{"qwen3.5-4b",    262144 * 64 },
  }) {
    INFO(row.model);
    Options options;
    options.tp_size = 1;
    const Architecture& shape = architecture(row.model);
    const Settings settings = resolve(options, shape, h200(), 131'072, 1);
    const Amount none = loaded_weights({}, shape, settings).target;
    CHECK(none.best == Bytes(row.values * 4));
  }
}

TEST_CASE("Drafts count against the fraction from 0.5.11 on") {
  Options options;
  options.tp_size = 8;
  options.drafts.method = serving::Drafts::Method::mtp;
  options.drafts.tokens = 3;
  const LoadedWeights weights = sixteen_bits("deepseek-v3", options);
  // 11.6 billion parameters in eight slices, but eh_proj, q_a and kv_a whole
  const double whole = 7168.0 * (2 * 7168 + 1536 + 576) * 2 / GiB;
  CHECK(gib(weights.drafts.best) == Approx((21.6 + 7 * whole) / 8).margin(0.01));
  // an embedding and a head of 129,280 × 7168 in 16 bits, split among eight
  CHECK(gib(weights.drafts.high - weights.drafts.best) ==
        Approx(2 * 129'280.0 * 7168 * 2 / 8 / GiB).margin(0.01));

  Settings settings = resolve(options, architecture("deepseek-v3"), h200(), 131'072, 8);
  CHECK(in_fraction(weights, settings) == weights.target + weights.drafts);
  settings.release = {0, 5, 9};
  CHECK(in_fraction(weights, settings) == weights.target);
}

TEST_CASE("DP attention copies attention and the embedding only") {
  Options options;
  options.tp_size = 8;
  const Bytes split = sixteen_bits("deepseek-v3", options).target.best;
  options.enable_dp_attention = true, options.dp_size = 8;
  const Bytes copied = sixteen_bits("deepseek-v3", options).target.best;
  // 61 layers of 187.1 million parameters, of which q_a and kv_a are on all ranks anyway, and the embedding
  const double attention = 61 * (187.1e6 - 7168.0 * (1536 + 576)) * 2, embedding = 129'280.0 * 7168 * 2;
  CHECK(gib(copied - split) == Approx((attention + embedding) * 7 / 8 / GiB).epsilon(0.01));
}

// Starts of which the settings and the tokens are known, and nothing between: Qwen3-235B-A22B-FP8 on four
// H100 (July 2025; vllm-project/vllm issue 21348), and DeepSeek-R1 in FP8 on eight H200 (about 509,000
// tokens; ai-dynamo/aisimulate pull request 263).
TEST_CASE("SGLang's tokens from settings alone") {
  struct Row {
    const char* model;
    Release release;
    std::uint32_t tp;
    double gpu_gib, fraction;
    std::uint64_t tokens;
  };
  const Row rows[] = {
      {"qwen3-235b-a22b", {0, 4, 9},  4, 79.2,  0.93, 367'404},
      {"deepseek-r1",     {0, 5, 18}, 8, 139.8, 0.82, 509'000},
  };
  static const Catalog catalog;
  for (const Row& row : rows) {
    INFO(row.model);
    const Architecture& shape = architecture(row.model);
    TargetDevice device = h200();
    device.total = Bytes(static_cast<std::uint64_t>(row.gpu_gib * GiB));
    Options options;
    options.release = row.release, options.tp_size = row.tp, options.mem_fraction_static = row.fraction;
    const Settings settings = resolve(options, shape, device, shape.context_length, row.tp);
    const CheckpointFormatRow* format = catalog.find_checkpoint_format("FP8");
    REQUIRE(format != nullptr);
    const LoadedWeights weights =
        loaded_weights(parts_of(shape, checkpoint_format(*format, shape)), shape, settings);
    const Budget budget = memory_budget(settings, options, device, in_fraction(weights, settings));
    const Capacity room = capacity(budget, kv_pools(settings, shape), settings);
    CHECK(static_cast<double>(room.kv_cache_tokens) == Approx(static_cast<double>(row.tokens)).epsilon(0.05));
    CHECK(room.kv_cache_tokens_low <= row.tokens);
    CHECK(room.kv_cache_tokens_high >= row.tokens);
  }
}

TEST_CASE("What an engine of SGLang has room for") {
  const Architecture& llama = architecture("llama-3.1-8b");
  Options options;
  options.tp_size = 1, options.dp_size = 2;
  options.available_kv_memory = Bytes(131'072ull * 1'000'000);
  const Settings settings = resolve(options, llama, h200(), 131'072, 2);
  const KvPools pools = kv_pools(settings, llama);
  const Capacity room = capacity(memory_budget(settings, options, h200(), {}), pools, settings);
  CHECK(room.kv_cache_tokens == 2'000'000);  // two engines
  CHECK(room.kv_cache_tokens_low == 2'000'000);
  CHECK(room.max_concurrency == Approx(2 * 1e6 / 131'072));
  CHECK(room.max_model_len == 131'072);
  CHECK(room.kv_bytes_per_token == Bytes(131'072));
  CHECK(room.block_size == 1);
}

}  // namespace
}  // namespace vramcalc::sglang
