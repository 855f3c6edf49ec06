#include <algorithm>
#include <cmath>

#include "catch.hpp"
#include "runtime/serving/vllm/activation.hpp"
#include "runtime/serving/vllm/budget.hpp"
#include "runtime/serving/vllm/cuda_graphs.hpp"
#include "runtime/serving/vllm/loaded_weights.hpp"
#include "runtime/serving/vllm/non_torch.hpp"
#include "runtime/serving/vllm/refusals.hpp"
#include "serving/vllm_pairs.hpp"

using namespace vramcalc;
using test::Pair;

namespace {

const Catalog& catalog() {
  static const Catalog all;
  return all;
}

double gib(Bytes bytes) { return static_cast<double>(bytes.count()) / static_cast<double>(GiB); }
Bytes from_gib(double gib) { return Bytes(static_cast<std::uint64_t>(gib * static_cast<double>(GiB))); }
bool holds(const Amount& amount, double measured) {
  return gib(amount.low) - .005 <= measured && measured <= gib(amount.high) + .005;
}

double share_that_holds(const std::vector<Pair>& pairs) {
  return static_cast<double>(std::ranges::count_if(pairs, &Pair::holds)) / static_cast<double>(pairs.size());
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

const TargetDevice h100{.total = from_gib(79.18), .capability = 90};
const TargetDevice rtx_4090{.total = from_gib(23.53), .capability = 89};
const TargetDevice gb10{.total = from_gib(121.69), .capability = 121, .unified = true};

struct Start {
  Architecture architecture;
  vllm::Options options;
  TargetDevice device;
  std::string quantization;

  vllm::Settings settings() const {
    return vllm::resolve(options, architecture, device, std::min(architecture.context_length, 16000u), 1);
  }
  vllm::LoadedStage loaded() const {
    test::VllmStart format;
    format.quantization = quantization;
    const std::vector<CheckpointPart> parts = test::parts_of(format, architecture);
    const vllm::Settings resolved = settings();
    return vllm::largest(vllm::loaded_weights({parts, architecture, resolved, options, device, {}}));
  }
  vllm::Budget budget() const {
    return vllm::budget_of(settings(), options, vllm::profiled(settings(), options, architecture), device,
                           loaded().total);
  }
};

Start start_of(const std::string& model, const vllm::Options& options = {}, const TargetDevice& device = h100,
               const std::string& quantization = "") {
  return {catalog().model(model).architecture, options, device, quantization};
}

}  // namespace

TEST_CASE("vLLM: weights of logged starts") {
  const std::vector<Pair> pairs = test::weights_pairs(catalog());
  CHECK(pairs.size() == 52);
  for (const Pair& pair : pairs) {
    INFO(pair.name << ": " << pair.low << " … " << pair.estimate << " … " << pair.high << ", logged "
                   << pair.measured);
    CHECK(pair.holds());
    CHECK(std::abs(pair.relative_error()) < .012);
  }
  const auto close =
      std::ranges::count_if(pairs, [](const Pair& pair) { return std::abs(pair.relative_error()) < .01; });
  // On ROCm the figure is the change of the free memory (Gemma 3, and DeepSeek-R1-Distill in AWQ).
  CHECK(close >= 50);
}

TEST_CASE("vLLM: available KV cache of logged starts, from their settings") {
  const std::vector<Pair> pairs = test::available_kv_pairs(catalog());
  CHECK(pairs.size() == 26);
  std::vector<double> widths;
  for (const Pair& pair : pairs) {
    INFO(pair.name << ": " << pair.low << " … " << pair.estimate << " … " << pair.high << ", logged "
                   << pair.measured);
    CHECK(pair.holds());
    widths.push_back((pair.high - pair.low) / pair.device);
  }
  CHECK(share_that_holds(pairs) >= .9);
  CHECK(median(widths) <= .15);
}

// Published by llm-d-planner (docs/empirical-vllm-memory-results.md): one H100 of 79.18 GiB per rank. The
// peak of Mistral-Small-3.2 is what FlashInfer's sampler takes.
TEST_CASE("vLLM: starts on an H100 whose every term was published") {
  struct Row {
    const char* model;
    const char* quantization;
    std::uint32_t tensor;
    double utilization, weights, peak, non_torch, cache, within;
  };
  const Row rows[] = {
      {"qwen3-0.6b",            "",            1, .90, 1.12,  5.56, .13, 64.45, .25},
      {"llama-3.1-8b",          "",            1, .90, 14.99, 4.76, .13, 51.38, .25},
      {"gpt-oss-20b",           "mxfp4",       1, .90, 13.47, 7.38, .13, 50.28, .25},
      {"qwen3-32b",             "",            1, .90, 61.03, 5.64, .14, 4.45,  .25},
      {"qwen3-32b",             "",            2, .90, 30.59, 5.64, .54, 34.49, .25},
      {"llama-3.3-70b",         "fp8_channel", 2, .90, 33.88, 4.84, .55, 32.00, .25},
      {"gpt-oss-120b",          "mxfp4",       1, .95, 64.38, 7.38, .13, 3.33,  .25},
      {"mistral-small-3.2-24b", "",            1, .95, 44.76, 2.12, .14, 28.20, 3.5},
  };
  for (const Row& row : rows) {
    INFO(row.model << " tp " << row.tensor);
    vllm::Options options;
    options.release = {0, 11, 0};
    options.tensor_parallel_size = row.tensor;
    options.gpu_memory_utilization = row.utilization;
    options.device_memory = from_gib(79.18);
    const vllm::Budget budget = start_of(row.model, options, h100, row.quantization).budget();
    CHECK(gib(budget.weights.best) == Approx(row.weights).epsilon(.004));
    CHECK(holds(budget.weights, row.weights));
    CHECK(holds(budget.activation_peak, row.peak));
    CHECK(holds(budget.non_torch, row.non_torch));
    CHECK(holds(budget.available_kv, row.cache));
    CHECK(gib(budget.available_kv.best) == Approx(row.cache).margin(row.within));
    CHECK(budget.refusal.empty());
  }
}

TEST_CASE("vLLM: what is loaded with the weights") {
  const auto loaded = [](const std::string& model, const vllm::Options& options, const TargetDevice& device,
                         const std::string& quantization) {
    return start_of(model, options, device, quantization).loaded();
  };
  CHECK(loaded("llama-3.1-8b", {}, h100, "").rope_tables == Bytes(131072 * 128 * 2));
  CHECK(loaded("qwen2.5-vl-7b", {}, h100, "").rope_tables == Bytes(std::uint64_t{128000} * 128 * 2 * 4));
  CHECK(loaded("qwen3-vl-8b-instruct", {}, h100, "").rope_tables ==
        Bytes(std::uint64_t{262144} * 128 * 2 * 4));
  CHECK(loaded("qwen3.5-9b", {}, h100, "").rope_tables == Bytes(std::uint64_t{262144} * 64 * 2 * 4));
  CHECK(loaded("gemma-3-27b", {}, h100, "").rope_tables == Bytes(131072 * 128 * 2 * 2));
  CHECK(loaded("qwen3-vl-8b-instruct", {}, h100, "").buffers == Bytes(std::uint64_t{3} * 8192 * 4096 * 2));
  CHECK(loaded("qwen3-vl-8b-instruct", {.language_model_only = true}, h100, "").buffers == Bytes());

  // GiB of experts that Triton's and Marlin's layouts add
  CHECK(gib(loaded("gpt-oss-20b", {}, h100, "mxfp4").padding) == Approx(.61).margin(.01));
  CHECK(gib(loaded("gpt-oss-20b", {}, rtx_4090, "mxfp4").padding) == Approx(.86).margin(.01));
  CHECK(loaded("gpt-oss-20b",
               {
                   .release = {0, 10, 1}
  },
               h100, "mxfp4")
            .padding == loaded("gpt-oss-20b", {}, rtx_4090, "mxfp4").padding);

  CHECK(loaded("llama-3.1-8b", {}, h100, "").lora == Bytes());
  // rank 16: 41,943,040 values per adapter
  CHECK(loaded("llama-3.1-8b", {.enable_lora = true}, h100, "").lora == Bytes(2 * 41'943'040));
  CHECK(loaded("llama-3.1-8b", {.enable_lora = true, .max_loras = 4}, h100, "").lora ==
        Bytes(8 * 41'943'040));

  // 6,979,321,856 values in linear layers
  const Bytes whole = loaded("llama-3.1-8b", {}, h100, "").tensors;
  CHECK(whole - loaded("llama-3.1-8b", {.quantization = "fp8"}, h100, "").tensors == Bytes(6'979'321'856));
  CHECK(whole - loaded("llama-3.1-8b", {.quantization = "bitsandbytes"}, h100, "").tensors ==
        Bytes(std::uint64_t{6'979'321'856} * 23 / 16));
  CHECK(whole == loaded("llama-3.1-8b", {.quantization = "awq"}, h100, "").tensors);

  // A checkpoint of 32 bits is cast to 16.
  const Architecture llama = catalog().model("llama-3.1-8b").architecture;
  const Start wide = start_of("llama-3.1-8b");
  const vllm::Settings settings = wide.settings();
  Packing float32;
  float32.plain_bytes = 4;
  const std::vector<CheckpointPart> parts = checkpoint_parts(llama, float32);
  CHECK(vllm::largest(vllm::loaded_weights({parts, llama, settings, wide.options, h100, {}})).tensors ==
        whole);

  vllm::Options offload;
  offload.cpu_offload = Bytes(4 * GiB);
  CHECK(loaded("llama-3.1-8b", {}, h100, "").total.best -
            loaded("llama-3.1-8b", offload, h100, "").total.best ==
        Bytes(4 * GiB));
}

// What "Model loading took" says of FP8 checkpoints on eight GPUs. A rank holds the low-rank projections and
// the indexer (in 16 bits) whole, and its slice of kv_b twice.
TEST_CASE("vLLM: latent attention in FP8") {
  struct Row {
    const char* model;
    vllm::Release release;
    double gib;
  };
  const Row rows[] = {
      {"deepseek-r1", {0, 11, 2}, 79.739},
      {"glm-5.1",     {0, 19, 0}, 89.39 },
  };
  for (const Row& row : rows) {
    INFO(row.model);
    const Amount total =
        start_of(row.model, {.release = row.release, .tensor_parallel_size = 8}, h100, "fp8_block")
            .loaded()
            .total;
    CHECK(gib(total.best) == Approx(row.gib).epsilon(.004));
    CHECK(holds(total, row.gib));
  }
  const vllm::LoadedStage stage =
      start_of("deepseek-r1", {.tensor_parallel_size = 8}, h100, "fp8_block").loaded();
  CHECK(stage.dequantized == Bytes(std::uint64_t{61} * 16 * 256 * 512 * 2));
  CHECK(start_of("deepseek-r1", {.tensor_parallel_size = 8}, h100).loaded().dequantized == Bytes());
}

TEST_CASE("vLLM: weights of starts that played no part in finding the rules") {
  struct Row {
    const char* model;
    const char* quantization;
    vllm::Release release;
    std::uint32_t tensor;
    double gib;
  };
  const Row rows[] = {
      {"llama-3.3-70b",               "fp8_channel", {0, 11, 2}, 4, 16.9619},
      {"qwen3-next-80b-a3b-instruct", "",            {0, 11, 0}, 2, 74.28  },
  };
  for (const Row& row : rows) {
    INFO(row.model);
    const Amount total = start_of(row.model, {.release = row.release, .tensor_parallel_size = row.tensor},
                                  h100, row.quantization)
                             .loaded()
                             .total;
    CHECK(gib(total.best) == Approx(row.gib).epsilon(.001));
    CHECK(holds(total, row.gib));
  }
}

TEST_CASE("vLLM: experts of eight copies of attention are spread over all of them") {
  const vllm::LoadedStage stage =
      start_of("deepseek-r1",
               {.tensor_parallel_size = 1, .data_parallel_size = 8, .enable_expert_parallel = true}, h100,
               "fp8_block")
          .loaded();
  CHECK(gib(stage.tensors) == Approx(93.9).epsilon(.001));
}

TEST_CASE("vLLM: logged peaks of the profile run") {
  struct Row {
    const char* model;
    vllm::Release release;
    std::uint32_t sequences, tokens;
    double gib;
  };
  const Row rows[] = {
      {"qwen2.5-3b",             {0, 10, 2}, 1,    2048, .17 },
      {"qwen3-4b-instruct-2507", {0, 12, 0}, 8,    8192, .59 },
      {"llama-3.1-8b",           {0, 11, 0}, 256,  2048, 1.19},
      {"qwen3-8b",               {0, 11, 0}, 256,  2048, 1.40},
      {"qwen3-0.6b",             {0, 11, 0}, 1024, 8192, 5.56},
      {"gpt-oss-20b",            {0, 11, 0}, 1024, 8192, 7.38},
      {"qwen2.5-1.5b",           {0, 28, 0}, 1,    4096, .50 },
  };
  for (const Row& row : rows) {
    INFO(row.model << " " << row.sequences << " sequences");
    vllm::Options options;
    options.release = row.release;
    options.max_num_seqs = row.sequences;
    options.max_num_batched_tokens = row.tokens;
    const Start start = start_of(row.model, options);
    CHECK(holds(vllm::activation_peak(start.settings(), options, start.architecture), row.gib));
  }
}

TEST_CASE("vLLM: an eager start has no graphs, and from 0.20 they count") {
  const auto budget = [](const vllm::Options& options) { return start_of("llama-3.1-8b", options).budget(); };
  CHECK(budget({.enforce_eager = true}).cuda_graphs == Amount{});
  CHECK(budget({
                   .release = {0, 19, 1}
  })
            .graph_estimate == Amount{});
  CHECK(budget({
                   .release = {0, 19, 1}
  })
            .cuda_graphs.best > Bytes());
  CHECK(budget({
                   .release = {0, 20, 0}
  })
            .graph_estimate.best > Bytes());
  CHECK(vllm::rest_after_graphs(budget({
                                    .release = {0, 19, 1}
  }))
            .has_value());
  CHECK_FALSE(vllm::rest_after_graphs(budget({
                                          .release = {0, 19, 1},
                                            .gpu_memory_utilization = .99
  }))
                  .has_value());
}

TEST_CASE("vLLM: memory that the host shares is counted with what else the machine allocates") {
  const vllm::Settings settings = start_of("llama-3.1-8b").settings();
  CHECK(vllm::non_torch(settings, gb10).best > vllm::non_torch(settings, h100).best + Bytes(2 * GiB));
  CHECK(start_of("llama-3.1-8b", {.gpu_memory_utilization = .99}, gb10).budget().refusal.empty());
}

TEST_CASE("vLLM: figures of a log replace estimates") {
  const Bytes cache = from_gib(51.38);
  vllm::Options options;
  options.available_kv_memory = cache;
  CHECK(start_of("llama-3.1-8b", options).budget().available_kv == Amount::exactly(cache));
  options = {};
  options.kv_cache_memory_bytes = cache;
  CHECK(start_of("llama-3.1-8b", options).budget().available_kv == Amount::exactly(cache));
  options.kv_cache_memory_bytes = Bytes(70 * GiB);
  CHECK_FALSE(start_of("llama-3.1-8b", options).budget().refusal.empty());
  options = {};
  options.device_memory = from_gib(60);
  CHECK(start_of("llama-3.1-8b", options).budget().requested == Bytes(59270548685));
}

TEST_CASE("vLLM: refusals in its own words") {
  vllm::Options options{
      .release = {0, 11, 0},
        .gpu_memory_utilization = .9
  };
  options.device_memory = from_gib(22.046);  // printed as 22.05
  options.free_memory = from_gib(19.77);
  CHECK(
      start_of("qwen3-8b", options).budget().refusal ==
      "Free memory on device cuda:0 (19.77/22.05 GiB) on startup is less than desired GPU memory utilization "
      "(0.9, 19.84 GiB). Decrease GPU memory utilization or reduce GPU memory used by other processes.");

  const vllm::Budget nothing = start_of("llama-3.3-70b").budget();
  CHECK(nothing.refusal ==
        "No available memory for the cache blocks. Try increasing `gpu_memory_utilization` when initializing "
        "the engine.");
  CHECK(nothing.shortfall > Bytes(50 * GiB));
  CHECK(nothing.available_kv == Amount{});

  CHECK(
      vllm::refusal_of_length(30000, from_gib(6.66), from_gib(5.44), 13528) ==
      "To serve at least one request with the model's max seq len (30000), (6.66 GiB KV cache is needed, "
      "which "
      "is larger than the available KV cache memory (5.44 GiB). Based on the available memory, the estimated "
      "maximum model length is 13528. Try increasing `gpu_memory_utilization` or decreasing `max_model_len` "
      "when initializing the engine.");
  CHECK_THAT(vllm::refusal_of_length(30000, from_gib(6.66), from_gib(5.44), 0),
             !Catch::Matchers::Contains("estimated"));
}

TEST_CASE("vLLM: the smallest utilization that leaves a cache of some size") {
  vllm::Options options;
  options.device_memory = from_gib(79.18);
  const Start start = start_of("llama-3.1-8b", options);
  const auto utilization = vllm::smallest_utilization(start.budget(), Bytes(16 * GiB));
  REQUIRE(utilization.has_value());
  Start smallest = start, too_small = start;
  smallest.options.gpu_memory_utilization = *utilization;
  too_small.options.gpu_memory_utilization = *utilization - .01;
  CHECK(smallest.budget().available_kv.best >= Bytes(16 * GiB));
  CHECK(too_small.budget().available_kv.best < Bytes(16 * GiB));
  CHECK_FALSE(vllm::smallest_utilization(start.budget(), Bytes(70 * GiB)).has_value());
}
