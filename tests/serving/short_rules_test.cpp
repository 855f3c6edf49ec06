#include "runtime/short_rules/short_rules.hpp"

#include <map>

#include "catch.hpp"
#include "runtime/short_rules/layer_cache.hpp"
#include "vramcalc/catalog.hpp"
#include "vramcalc/error.hpp"
#include "vramcalc/session.hpp"

namespace vramcalc::short_rules {
namespace {

const Catalog& catalog() {
  static const Catalog catalog;
  return catalog;
}

const Model& model(const std::string& id) {
  static std::map<std::string, Model> models;
  return models.try_emplace(id, catalog().model(id)).first->second;
}

Quantization sixteen_bits() { return CheckpointFormat{.title = "BF16", .packing = {}}; }

double gib(Bytes bytes) { return static_cast<double>(bytes.count()) / static_cast<double>(GiB); }

struct Opened {
  Runtime row;
  std::unique_ptr<Session> session;
  Opened(const Runtime& runtime, const std::string& id) : row(runtime) {
    session = row.open(row, Opening{model(id)});
  }
  Estimate estimate(std::uint64_t tokens, const TargetDevice& device = {}) const {
    return session->estimate(sixteen_bits(), {tokens}, device, Reasons::full);
  }
};

std::vector<Runtime> all() { return {transformers::runtime(), mlx_lm::runtime(), tensorrt_llm::runtime()}; }

TEST_CASE("A short rule's cache") {
  struct Row {
    Runtime runtime;
    const char* model;
    std::uint64_t tokens, bytes;
  };
  const Row rows[] = {
      {transformers::runtime(), "llama-3.1-8b", 1000, 131'072ull * 1000                   },
      {mlx_lm::runtime(),       "llama-3.1-8b", 1000, 131'072ull * 1024                   }, // steps of 256
      {tensorrt_llm::runtime(), "llama-3.1-8b", 1001, 131'072ull * 1024                   }, // blocks of 32
  // 10 layers keep all, 52 keep the window of 1024, each 16 heads × 128 × 2 × 2 bytes
      {transformers::runtime(), "gemma-3-27b",  8192, 8192ull * (10 * 8192 + 52 * 1023)   },
      {mlx_lm::runtime(),       "gemma-3-27b",  8192, 8192ull * (10 * 8192 + 52 * 1024)   },
      {tensorrt_llm::runtime(), "gemma-3-27b",  8192, 8192ull * (10 * 8192 + 52 * 1024)   },
 // MLA: K and V of 128 heads, or the latent row
      {transformers::runtime(), "deepseek-v3",  1024, 1024ull * 61 * 128 * (192 + 128) * 2},
      {mlx_lm::runtime(),       "deepseek-v3",  1024, 1024ull * 61 * 1152                 },
      {tensorrt_llm::runtime(), "deepseek-v3",  1024, 1024ull * 61 * 1152                 },
  };
  for (const Row& row : rows) {
    INFO(row.runtime.id << ' ' << row.model);
    const Amount cache = Opened(row.runtime, row.model).estimate(row.tokens).gpu_term(TermKind::kv_cache);
    CHECK(cache.best.count() == row.bytes);
    CHECK(cache.low <= cache.best);
    CHECK(cache.high >= cache.best);
  }
}

TEST_CASE("A growing cache has one layer twice") {
  const Amount cache =
      Opened(transformers::runtime(), "llama-3.1-8b").estimate(32'000).gpu_term(TermKind::kv_cache);
  CHECK(cache.high - cache.best == Bytes(4096ull * 32'000));
}

TEST_CASE("Tensor parallelism copies latent rows and heads") {
  TargetDevice eight;
  eight.count = 8;
  const LayerCaches latent = layer_caches(model("deepseek-v3").architecture, 1024, {.copies = 8});
  CHECK(latent.all == Bytes(8ull * 1024 * 61 * 1152));
  const LayerCaches heads = layer_caches(model("llama-3.1-8b").architecture, 1024, {.copies = 16});
  CHECK(heads.all == Bytes(2ull * 1024 * 131'072));
  const Amount cache =
      Opened(tensorrt_llm::runtime(), "deepseek-v3").estimate(1024, eight).gpu_term(TermKind::kv_cache);
  CHECK(cache.best == latent.all);
}

TEST_CASE("A short rule's terms") {
  for (const Runtime& runtime : all()) {
    INFO(runtime.id);
    const Opened opened(runtime, "llama-3.1-8b");
    const Estimate estimate = opened.estimate(8192);
    CHECK(gib(estimate.gpu_term(TermKind::weights).best) == Approx(14.96).margin(0.01));
    for (const Term& term : estimate.places.at(0).terms) {
      CHECK(term.basis != Basis::exact);
      CHECK(term.amount.low <= term.amount.best);
      CHECK(term.amount.best <= term.amount.high);
      CHECK_FALSE(term.why.empty());
    }
    CHECK(estimate.gpu_total().high > estimate.gpu_total().best);
    CHECK(gib(estimate.gpu_total().best) > 16);
    CHECK(gib(estimate.gpu_total().high) < 24);
    CHECK(opened.session->kv_bytes_per_token() == Bytes(131'072));
    CHECK_FALSE(opened.session->why_interval(Backend::cuda).empty());
  }
}

TEST_CASE("Formats that publishers pack differently are an interval") {
  Packing experts;
  experts.layout.parts = {PackedPart::experts};
  experts.layout.value_bits = 4;
  CheckpointFormat format{.title = "INT4", .packing = experts};
  format.range = PackingRange{experts, Packing{}, "only the experts", "nothing"};
  const Opened opened(transformers::runtime(), "qwen3-30b-a3b");
  const Amount weights =
      opened.session->estimate(format, {1024}, {}, Reasons::none).gpu_term(TermKind::weights);
  CHECK(weights.low == weights.best);
  CHECK(gib(weights.high) > 56);  // 30.5 billion values in 16 bits
  CHECK(gib(weights.best) < 18);
}

TEST_CASE("Prediction layers are not loaded") {
  const Opened opened(transformers::runtime(), "deepseek-v3");
  const Amount weights = opened.estimate(1024).gpu_term(TermKind::weights);
  const WeightBytes& checkpoint = opened.session->weights(sixteen_bits());
  CHECK(checkpoint.gpu == weights.best);
  // 11.6 billion parameters, and copies of the embedding and the head
  CHECK(gib(checkpoint.tensor_bytes - weights.best) ==
        Approx(21.6 + 2 * 129'280.0 * 7168 * 2 / static_cast<double>(GiB)).margin(0.1));
}

TEST_CASE("accelerate keeps a tenth of a single GPU") {
  const auto overhead = [](std::uint32_t gpus) {
    TargetDevice device;
    device.count = gpus;
    return Opened(transformers::runtime(), "llama-3.3-70b")
        .estimate(16, device)
        .gpu_term(TermKind::runtime_overhead)
        .best;
  };
  // a ninth of 131.4 GiB of weights, less what cache, activations and the context take of it
  CHECK(gib(overhead(1)) == Approx(131.4 / 9).margin(0.1));
  CHECK(gib(overhead(2)) == Approx(2 * 550.0 / 1024).margin(0.01));
}

TEST_CASE("TensorRT-LLM fills nine tenths of what is free") {
  Machine machine;
  machine.usable = Bytes(static_cast<std::uint64_t>(79.1 * GiB));
  const Opened opened(tensorrt_llm::runtime(), "llama-3.1-8b");
  const Load load = opened.session->load(sixteen_bits(), {8192}, machine, {});
  const Capacity capacity = opened.session->capacity(sixteen_bits(), load, machine);
  const Estimate& estimate = load.estimate;
  const Bytes cache = estimate.gpu_term(TermKind::kv_cache).best;
  const Bytes others = estimate.gpu_total().best - cache - Bytes(cache.count() / 9);
  CHECK(gib(capacity.available_kv.best) == Approx(0.9 * gib(machine.usable - others)).margin(0.001));
  CHECK(capacity.kv_cache_tokens % 32 == 0);
  CHECK(capacity.kv_cache_tokens == Approx(capacity.available_kv.best.count() / 131'072).margin(32));
  CHECK(capacity.available_kv.low < capacity.available_kv.high);
  CHECK(capacity.max_model_len == 131'072);
}

TEST_CASE("The limit of wired memory can be raised") {
  Machine mac;
  mac.device.backend = Backend::metal;
  mac.memory = Bytes(36 * GiB);
  mac.usable = Bytes(27 * GiB);
  const Opened opened(mlx_lm::runtime(), "qwen3-14b");
  const Load load = opened.session->load(sixteen_bits(), {4096}, mac, {});
  const std::vector<std::string> ways = opened.session->ways_to_fit(sixteen_bits(), load, mac);
  REQUIRE(ways.size() == 1);
  CHECK_THAT(ways[0], Catch::Contains("sudo sysctl iogpu.wired_limit_mb="));
  mac.usable = Bytes(35 * GiB);
  CHECK(opened.session->ways_to_fit(sixteen_bits(), load, mac).empty());
}

TEST_CASE("Runtimes of checkpoints refuse GGUF types") {
  for (const Runtime& runtime : all()) {
    const Opened opened(runtime, "llama-3.1-8b");
    CheckpointFormatRow of_others;
    of_others.name = "EXL3";
    CHECK_THROWS_WITH(
        opened.session->weights(CheckpointFormat{.title = "EXL3", .packing = {}, .row = &of_others}),
        std::string(runtime.id) + " does not load EXL3; -q BF16 is the checkpoint in 16 bits");
    GgufMix mix;
    mix.file_type.name = "Q4_K_M";
    CHECK(opened.session->find_weights(mix) == nullptr);
    CHECK_THROWS_WITH(opened.session->weights(mix),
                      std::string(runtime.id) +
                          " loads checkpoints, and Q4_K_M is a GGUF; -q BF16 is the checkpoint in 16 bits");
  }
}

}  // namespace
}  // namespace vramcalc::short_rules
