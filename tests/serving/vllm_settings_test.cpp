#include <map>

#include "catch.hpp"
#include "runtime/serving/vllm/refusals.hpp"
#include "runtime/serving/vllm/settings.hpp"
#include "vramcalc/catalog.hpp"
#include "vramcalc/error.hpp"

using namespace vramcalc;
using vllm::Options;
using vllm::Release;
using vllm::Settings;

namespace {

TargetDevice gpu(double gib, std::uint32_t capability) {
  return {.total = Bytes(static_cast<std::uint64_t>(gib * static_cast<double>(GiB))),
          .capability = capability};
}

const TargetDevice h100 = gpu(79.18, 90), a100 = gpu(79.25, 80), rtx_4090 = gpu(23.53, 89),
                   b200 = gpu(178, 100);
const TargetDevice gb10{.total = Bytes(121 * GiB), .capability = 121, .unified = true};

const Architecture& shape(const std::string& id) {
  static const Catalog catalog;
  static std::map<std::string, Architecture> shapes;
  return shapes.try_emplace(id, catalog.model(id).architecture).first->second;
}

Settings settings_of(Options options, const std::string& model, const TargetDevice& device,
                     std::uint64_t length = 32768, std::uint32_t gpus = 1) {
  return vllm::resolve(options, shape(model), device, length, gpus);
}

}  // namespace

TEST_CASE("vLLM: defaults by release and device") {
  struct Row {
    Release release;
    const TargetDevice* device;
    std::uint32_t tokens, sequences;
    double utilization;
    std::uint32_t captures, largest;
    bool graphs_in_budget;
  };
  const Row rows[] = {
      {{0, 8, 0},  &h100,     8192,  1024, .90, 67, 512,  false},
      {{0, 8, 0},  &a100,     2048,  1024, .90, 67, 512,  false},
      {{0, 8, 0},  &rtx_4090, 2048,  1024, .90, 67, 512,  false},
      {{0, 8, 5},  &a100,     8192,  1024, .90, 67, 512,  false},
      {{0, 8, 5},  &rtx_4090, 2048,  256,  .90, 67, 512,  false},
      {{0, 9, 2},  &a100,     2048,  256,  .90, 67, 512,  false},
      {{0, 11, 0}, &h100,     8192,  1024, .90, 67, 512,  false},
      {{0, 11, 1}, &h100,     8192,  1024, .90, 51, 512,  false},
      {{0, 19, 1}, &b200,     8192,  1024, .90, 51, 512,  false},
      {{0, 20, 0}, &h100,     8192,  1024, .92, 51, 512,  true },
      {{0, 25, 1}, &gb10,     2048,  256,  .92, 51, 512,  true },
      {{0, 27, 0}, &b200,     8192,  1024, .92, 51, 512,  true },
      {{0, 28, 0}, &b200,     16384, 1024, .92, 83, 1024, true },
      {{0, 28, 0}, &h100,     8192,  1024, .92, 51, 512,  true },
  };
  for (const Row& row : rows) {
    INFO("0." << row.release.minor << "." << row.release.patch << " on " << row.device->total.count() / GiB);
    const Settings settings = settings_of({.release = row.release}, "llama-3.1-8b", *row.device);
    CHECK(settings.max_num_batched_tokens == row.tokens);
    CHECK(settings.max_num_seqs == row.sequences);
    CHECK(settings.gpu_memory_utilization == row.utilization);
    CHECK(settings.capture_sizes == row.captures);
    CHECK(settings.capture_max == row.largest);
    CHECK(settings.graphs_in_budget == row.graphs_in_budget);
  }
}

TEST_CASE("vLLM: batch sizes for which graphs are captured") {
  struct Row {
    Release release;
    const char* model;
    std::uint32_t sequences, drafts, count, largest;
  };
  const Row rows[] = {
      {{0, 10, 2}, "qwen2.5-3b",   1,   0, 3,  4   },
      {{0, 12, 0}, "qwen2.5-3b",   8,   0, 5,  16  },
      {{0, 11, 0}, "llama-3.1-8b", 128, 0, 35, 256 },
      {{0, 22, 0}, "qwen3-8b",     30,  0, 10, 56  },
      {{0, 22, 1}, "qwen3-8b",     64,  0, 19, 128 },
      {{0, 22, 0}, "llama-3.1-8b", 2,   0, 3,  4   },
      {{0, 25, 1}, "qwen3.5-27b",  32,  3, 35, 256 },
      {{0, 25, 1}, "gemma-4-31b",  32,  0, 11, 64  },
      {{0, 13, 0}, "gpt-oss-20b",  256, 0, 83, 1024},
      {{0, 11, 0}, "gpt-oss-20b",  256, 0, 81, 992 },
      {{0, 9, 0},  "llama-3.1-8b", 1,   0, 67, 512 },
  };
  for (const Row& row : rows) {
    INFO("0." << row.release.minor << " " << row.model << " " << row.sequences);
    Options options{.release = row.release, .max_num_seqs = row.sequences, .drafts = {}};
    options.drafts.tokens = row.drafts;
    const Settings settings = settings_of(options, row.model, rtx_4090);
    CHECK(settings.capture_sizes == row.count);
    CHECK(settings.capture_max == row.largest);
  }
  CHECK(settings_of({.enforce_eager = true}, "llama-3.1-8b", h100).capture_sizes == 0);
  CHECK_FALSE(settings_of({.enforce_eager = true}, "llama-3.1-8b", h100).graphs_in_budget);
}

TEST_CASE("vLLM: data-centre Blackwell captures larger batches from 0.28") {
  CHECK(settings_of(
            {
                .release = {0, 28, 0}
  },
            "llama-3.1-8b", b200)
            .capture_max == 1024);
  CHECK(settings_of(
            {
                .release = {0, 28, 0}
  },
            "llama-3.1-8b", b200)
            .capture_sizes == 83);
  CHECK(settings_of(
            {
                .release = {0, 27, 0}
  },
            "llama-3.1-8b", b200)
            .capture_max == 512);
}

TEST_CASE("vLLM: what the model changes") {
  CHECK(settings_of(
            {
                .release = {0, 25, 1}
  },
            "gemma-4-31b", rtx_4090)
            .max_num_batched_tokens == 2496);
  CHECK(settings_of(
            {
                .release = {0, 25, 1},
                  .language_model_only = true
  },
            "gemma-4-31b", rtx_4090)
            .max_num_batched_tokens == 2048);
  CHECK(settings_of(
            {
                .release = {0, 25, 1}
  },
            "qwen3-8b", rtx_4090, 4)
            .max_num_batched_tokens == 1024);
  CHECK(settings_of({.max_num_seqs = 1}, "qwen3-8b", rtx_4090, 512).max_num_batched_tokens == 512);

  CHECK_FALSE(settings_of(
                  {
                      .release = {0, 25, 1}
  },
                  "qwen3.5-27b", h100)
                  .prefix_caching);
  CHECK(settings_of(
            {
                .release = {0, 28, 0}
  },
            "qwen3.5-27b", h100)
            .prefix_caching);
  CHECK(settings_of(
            {
                .release = {0, 25, 1},
                  .enable_prefix_caching = true
  },
            "qwen3.5-27b", h100)
            .prefix_caching);
  CHECK(settings_of(
            {
                .release = {0, 25, 1}
  },
            "qwen3-8b", h100)
            .prefix_caching);

  CHECK(settings_of({}, "gemma-3-27b", h100).hybrid_kv_cache_manager);
  CHECK_FALSE(settings_of({}, "llama-4-scout", b200).hybrid_kv_cache_manager);
  CHECK_FALSE(
      settings_of({.disable_hybrid_kv_cache_manager = true}, "gemma-3-27b", h100).hybrid_kv_cache_manager);

  CHECK(settings_of(
            {
                .release = {0, 22, 0}
  },
            "qwen3-8b", h100)
            .v2_model_runner);
  CHECK_FALSE(settings_of(
                  {
                      .release = {0, 22, 0}
  },
                  "llama-3.1-8b", h100)
                  .v2_model_runner);
  CHECK_FALSE(vllm::resolve(
                  {
                      .release = {0, 23, 0}
  },
                  shape("llama-3.1-8b"), h100, 8192, 1, true)
                  .v2_model_runner);
}

TEST_CASE("vLLM: block size by attention backend") {
  struct Row {
    const char* model;
    Release release;
    const TargetDevice* device;
    std::uint32_t tokens;
  };
  const Row rows[] = {
      {"llama-3.1-8b",  {0, 28, 0}, &h100,     16 },
      {"deepseek-v3",   {0, 8, 0},  &h100,     16 },
      {"deepseek-v3",   {0, 10, 0}, &h100,     64 },
      {"deepseek-v3",   {0, 10, 0}, &b200,     128},
      {"deepseek-v3",   {0, 28, 0}, &b200,     32 },
      {"deepseek-v3",   {0, 28, 0}, &rtx_4090, 16 },
      {"deepseek-v3.2", {0, 28, 0}, &h100,     64 },
  };
  for (const Row& row : rows) {
    INFO(row.model << " 0." << row.release.minor);
    CHECK(settings_of({.release = row.release}, row.model, *row.device).block_size == row.tokens);
  }
  CHECK(settings_of({.block_size = 128}, "llama-3.1-8b", h100).block_size == 128);
}

TEST_CASE("vLLM: all GPUs are one tensor-parallel group unless -tp says otherwise") {
  CHECK(settings_of({}, "llama-3.1-8b", h100, 8192, 8).parallel.tensor == 8);
  CHECK(settings_of({.pipeline_parallel_size = 2}, "llama-3.1-8b", h100, 8192, 8).parallel.tensor == 4);
  CHECK(settings_of({.tensor_parallel_size = 2}, "llama-3.1-8b", h100, 8192, 8).parallel.tensor == 2);
}

TEST_CASE("vLLM: combinations that it refuses") {
  struct Row {
    const char* model;
    Options options;
    const char* words;
  };
  const Row rows[] = {
      {"llama-3.1-8b",
       {.tensor_parallel_size = 3},
       "Total number of attention heads (32) must be divisible by tensor parallel size (3)"                                             },
      {"qwen2.5-14b",      {.tensor_parallel_size = 5},                                     "KV heads (8)"                              },
      {"llama-3.1-8b",     {.pipeline_parallel_size = 33},                                  "more stages than the model has layers (32)"},
      {"llama-3.1-8b",     {.enable_expert_parallel = true},                                "Number of experts in the model"            },
      {"llama-3.1-8b",
       {.tensor_parallel_size = 4, .decode_context_parallel_size = 3},
       "tp_size=4 must be divisible by dcp_size=3"                                                                                      },
      {"llama-3.1-8b",
       {.tensor_parallel_size = 8, .decode_context_parallel_size = 2},
       "tensor parallel size 8 must be greater than total num kv heads 8"                                                               },
      {"llama-3.1-8b",     {.tensor_parallel_size = 16, .decode_context_parallel_size = 4}, "= 2, but got 4"                            },
      {"llama-3.1-8b",     {.enable_lora = true, .max_lora_rank = 24},                      "max_lora_rank (24) must be one of"         },
      {"llama-3.1-8b",
       {.max_num_seqs = 512, .max_num_batched_tokens = 256},
       "max_num_batched_tokens (256) must be greater than or equal to max_num_seqs (512)"                                               },
      {"llama-3.1-8b",     {.quantization = "q4_k_m"},                                      "Unknown quantization method: q4_k_m"       },
      {"llama-3.1-8b",     {.drafts = {serving::Drafts::Method::mtp, 1, ""}},               "no multi-token-prediction layers"          },
      {"llama-3.1-8b",     {.quantization = "q4_k_m"},                                      "Unknown quantization method: q4_k_m"       },
      {"llama-3.1-8b",     {.drafts = {serving::Drafts::Method::mtp, 1, ""}},               "no multi-token-prediction layers"          },
      {"llama-3.1-8b",
       {.gpu_memory_utilization = 1.2},
       "GPU memory utilization must be less than 1.0. Got 1.2."                                                                         },
      {"mamba-2.8b",
       {.tensor_parallel_size = 3},
       "5120 is not divisible by 3 (the elements of a recurrent layer)"                                                                 },
      {"bge-base-en-v1.5", {.max_num_batched_tokens = 256},                                 "is smaller than max_model_len (32768)"     },
  };
  for (const Row& row : rows) {
    INFO(row.words);
    try {
      settings_of(row.options, row.model, h100);
      FAIL("not refused");
    } catch (const Error& error) {
      CHECK(error.code() == ErrorCode::bad_value);
      CHECK_THAT(error.what(), Catch::Matchers::Contains(row.words));
    }
  }
  CHECK_NOTHROW(settings_of({.tensor_parallel_size = 16}, "llama-3.1-8b", h100));
  CHECK_NOTHROW(
      settings_of({.tensor_parallel_size = 16, .decode_context_parallel_size = 2}, "llama-3.1-8b", h100));
  CHECK_NOTHROW(
      settings_of({.tensor_parallel_size = 8, .decode_context_parallel_size = 8}, "deepseek-v3", h100));
}

TEST_CASE("vLLM: slices of experts with block scales are whole blocks") {
  PackedLayout fp8;
  fp8.parts = {PackedPart::experts};
  fp8.scale_rows = fp8.scale_columns = 128;
  const auto refusal = [&](const serving::Parallel& parallel) {
    return vllm::refusal_of_block_scales(fp8, shape("qwen3-235b-a22b"), parallel);
  };
  CHECK(refusal({.tensor = 4}).empty());
  CHECK_THAT(refusal({.tensor = 8}), Catch::Matchers::Contains("weight = 192 is not divisible by"));
  CHECK(refusal({.tensor = 8, .experts = true}).empty());
}

TEST_CASE("vLLM: releases as they are written") {
  struct Row {
    const char* text;
    Release release;
  };
  const Row rows[] = {
      {"0.11",                   {0, 11, 0}},
      {"v0.20.1",                {0, 20, 1}},
      {"0.8.5.post1",            {0, 8, 5} },
      {"0.19.2rc1.dev43+g59556", {0, 19, 2}},
      {"0.13.0+nv26.01",         {0, 13, 0}},
      {"0.11.x",                 {0, 11, 0}},
      {"1.0",                    {1, 0, 0} },
  };
  for (const Row& row : rows) CHECK(vllm::parse_release(row.text) == row.release);
  for (const char* text : {"", "11", "latest", "0.", "0.11-2", "0.7.3", "v0.6.5"}) {
    INFO(text);
    CHECK_THROWS_AS(vllm::parse_release(text), Error);
  }
  CHECK_FALSE(vllm::is_extrapolated(vllm::newest_read));
  CHECK(vllm::is_extrapolated({0, 29, 0}));
}
