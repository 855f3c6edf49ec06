#include <algorithm>
#include <array>

#include "catch.hpp"
#include "vramcalc/ask.hpp"
#include "vramcalc/catalog.hpp"
#include "vramcalc/error.hpp"
#include "vramcalc/session.hpp"

// What must hold for every model of the catalog under every engine.
using namespace vramcalc;

namespace {

const Catalog& catalog() {
  static const Catalog embedded;
  return embedded;
}

const Runtime& runtime_called(std::string_view id) {
  return *std::ranges::find(runtimes(), id, &Runtime::id);
}

// Models of one shape and format are alike.
const std::vector<Model>& shapes() {
  static const std::vector<Model> models = [] {
    std::vector<Model> all;
    for (const ModelRow* row : catalog().models()) {
      if (!row->incomplete.empty()) continue;
      Model model = catalog().model(row->id);
      if (std::ranges::find(all, model.architecture, &Model::architecture) == all.end())
        all.push_back(std::move(model));
    }
    return all;
  }();
  return models;
}

Machine gpus(std::uint32_t count, const std::string& id = "h200") {
  std::vector<Device> devices;
  for (std::uint32_t i = 0; i < count; ++i)
    for (Device& device : devices_of(catalog().gpu(id))) devices.push_back(std::move(device));
  return machine_of(std::move(devices));
}

Quantization own_format(const Model& model) { return published_format(catalog(), model).format; }

std::unique_ptr<Session> opened(std::string_view runtime, const Model& model,
                                const AskedOptions& asked = {}) {
  const Runtime& row = runtime_called(runtime);
  return row.open(row, {model, nullptr, row.options == nullptr ? Options{} : row.options(asked)});
}

// Calls the check unless the engine refuses the model, which must be in a sentence.
template <class Check>
std::size_t for_every_shape(const Check& check) {
  std::size_t answered = 0;
  for (const Model& model : shapes()) {
    INFO(model.id);
    try {
      check(model);
      ++answered;
    } catch (const Error& refusal) {
      const std::string words = refusal.what();
      INFO(words);
      CHECK((refusal.code() == ErrorCode::unsupported || refusal.code() == ErrorCode::bad_value));
      CHECK(words.find(' ') != std::string::npos);
      CHECK(words.find("std::") == std::string::npos);
    }
  }
  return answered;
}

bool ordered(const Amount& amount) { return amount.low <= amount.best && amount.best <= amount.high; }

constexpr std::array engines = {"vllm", "sglang"};
constexpr std::array all_runtimes = {"vllm", "sglang", "transformers", "mlx-lm", "tensorrt-llm"};

}  // namespace

TEST_CASE("every runtime that loads checkpoints answers for models in their own format") {
  for (const std::string runtime : all_runtimes) {
    INFO(runtime);
    const std::size_t answered = for_every_shape([&](const Model& model) {
      const auto session = opened(runtime, model);
      const Demand demand{std::min<std::uint64_t>(8192, model.architecture.context_length)};
      const Estimate estimate = session->estimate(own_format(model), demand, {}, Reasons::none);
      CHECK(ordered(estimate.gpu_total()));
      for (const PlaceEstimate& place : estimate.places)
        for (const Term& term : place.terms) CHECK(ordered(term.amount));
      CHECK(estimate.gpu_term(TermKind::weights).best > Bytes(0));
    });
    CHECK(answered > 250);
  }
}

TEST_CASE("the ranks together hold at least the checkpoint without its prediction layers") {
  for_every_shape([](const Model& model) {
    const Quantization format = own_format(model);
    const auto session = opened("vllm", model);
    Bytes loaded = session->weights(format).gpu;
    // A second copy of a tied head is not loaded.
    if (model.architecture.tied_embeddings)
      loaded -= Bytes(
          checked_multiply(model.architecture.checkpoint_vocab_size, model.architecture.hidden_size) * 2);
    for (const std::uint32_t count : {1u, 2u, 8u}) {
      const Load load = session->load(format, Demand{2048}, gpus(count), {});
      INFO(count);
      CHECK(load.estimate.gpu_term(TermKind::weights).high >= loaded);
    }
  });
}

TEST_CASE("more tensor parallelism never needs more weights on a rank") {
  for (const std::string engine : engines)
    for_every_shape([&](const Model& model) {
      const Quantization format = own_format(model);
      Bytes before(UINT64_MAX);
      for (const std::uint32_t tensor : {1u, 2u, 4u, 8u}) {
        AskedOptions options;
        options.vllm.tensor_parallel_size = options.sglang.tp_size = tensor;
        const auto session = opened(engine, model, options);
        Load load;
        try {
          load = session->load(format, Demand{2048}, gpus(tensor), {});
        } catch (const Error& refusal) {
          if (refusal.code() != ErrorCode::bad_value) throw;
          return;  // the engine does not split it so
        }
        INFO(engine << " -tp " << tensor);
        const Bytes each(load.estimate.gpu_term(TermKind::weights).best.count() / tensor);
        CHECK(each <= before);
        before = each;
      }
    });
}

TEST_CASE("a cache in fp8 never has fewer tokens than one in 16 bits") {
  for_every_shape([](const Model& model) {
    const auto tokens = [&](vllm::CacheType type) {
      AskedOptions options;
      options.vllm.kv_cache_dtype = type;
      const auto session = opened("vllm", model, options);
      const Quantization format = own_format(model);
      const Machine machine = gpus(8);
      const Load load = session->load(
          format, Demand{std::min<std::uint64_t>(4096, model.architecture.context_length)}, machine, {});
      return session->capacity(format, load, machine).kv_cache_tokens;
    };
    if (model.architecture.model_type.starts_with("deepseek_v4")) return;  // fp8 only
    const std::uint64_t in_16_bits = tokens(vllm::CacheType::bfloat16), in_8 = tokens(vllm::CacheType::fp8);
    CHECK(in_8 >= in_16_bits);
  });
}

TEST_CASE("capacities are in order from the low bound to the high one") {
  for (const std::string engine : engines) {
    const std::size_t answered = for_every_shape([&](const Model& model) {
      const auto session = opened(engine, model);
      const Quantization format = own_format(model);
      const Machine machine = gpus(8);
      const Load load = session->load(format, Demand{model.architecture.context_length}, machine, {});
      const Capacity capacity = session->capacity(format, load, machine);
      INFO(engine);
      CHECK(ordered(capacity.available_kv));
      CHECK(capacity.kv_cache_tokens_low <= capacity.kv_cache_tokens);
      CHECK(capacity.kv_cache_tokens <= capacity.kv_cache_tokens_high);
      CHECK(capacity.max_model_len <= model.architecture.context_length);
    });
    CHECK(answered > 250);
  }
}

TEST_CASE("the longest request of an engine fits and the next block does not") {
  for (const std::string engine : engines) {
    std::size_t cut = 0;
    for_every_shape([&](const Model& model) {
      const auto session = opened(engine, model);
      const Quantization format = own_format(model);
      for (const char* gpu : {"rtx-4090", "h200"}) {
        const Machine machine = gpus(1, gpu);
        const auto longest = session->longest_context(format, machine, {}, 0);
        if (!longest) continue;
        INFO(engine << " on " << gpu << ": " << *longest);
        CHECK(session->verdict(format, Demand{*longest}, machine) <= Verdict::fits);
        const std::uint64_t full = model.architecture.context_length, block = 4096;
        if (*longest + block >= full) continue;
        CHECK(session->verdict(format, Demand{*longest + block}, machine) > Verdict::fits);
        ++cut;
      }
    });
    CHECK(cut > 10);
  }
}

namespace {

Question about(const std::string& model, const std::string& runtime) {
  Question question;
  question.model = model;
  question.runtime = runtime;
  question.context = 4096;
  return question;
}

CheckReport checked(Question question, const std::string& machine) {
  question.command = Command::check;
  question.gpu = machine;
  return std::get<CheckReport>(answer(question));
}

}  // namespace

TEST_CASE("check and an overview's rows agree on every engine") {
  const char* const models[] = {"llama-3.1-8b", "qwen3-30b-a3b", "gemma-3-27b", "qwen3-8b-awq"};
  for (const std::string runtime : all_runtimes)
    for (const std::string model : models) {
      Question question = about(model, runtime);
      OverviewReport overview;
      try {
        overview = std::get<OverviewReport>(answer(question));
      } catch (const Error& refusal) {
        CHECK(refusal.code() == ErrorCode::unsupported);
        continue;
      }
      std::vector<HardwareRow> rows = overview.gpus.rows;
      rows.insert(rows.end(), overview.systems.rows.begin(), overview.systems.rows.end());
      for (const HardwareRow& row : rows) {
        INFO(runtime << " " << model << " on " << row.id);
        const CheckReport report = checked(question, row.id);
        CHECK(report.verdict == row.verdict);
        CHECK(report.max_context == row.max_context);
      }
    }
}

TEST_CASE("no engine is said to run on hardware that it does not support") {
  struct Wrong {
    const char* runtime;
    const char* machine;
  };
  const Wrong wrong[] = {
      {"vllm",         "m3-ultra-512gb"},
      {"sglang",       "m3-ultra-512gb"},
      {"tensorrt-llm", "m3-ultra-512gb"},
      {"tensorrt-llm", "mi300x"        },
      {"mlx-lm",       "rtx-4090"      },
  };
  for (const Wrong& each : wrong) {
    INFO(each.runtime << " on " << each.machine);
    const CheckReport report = checked(about("llama-3.1-8b", each.runtime), each.machine);
    CHECK(report.verdict == Verdict::no);
    CHECK_FALSE(report.max_context);
    REQUIRE_FALSE(report.suggestions.empty());
    CHECK(report.suggestions.back().find("runs on") != std::string::npos);
    for (const PlaceFit& place : report.places) CHECK(place.verdict == Verdict::no);
  }
}

TEST_CASE("vLLM does not start where less memory is free than it asks for") {
  struct Case {
    const char* gpu;
    Bytes reserve, free;
    double share;
    bool starts;
  };
  const Case cases[] = {
      {"h100-sxm-80gb",       Bytes(0),        Bytes(0),        .92, true },
      {"h100-sxm-80gb",       Bytes(0),        Bytes(60 * GiB), .92, false},
      {"h100-sxm-80gb",       Bytes(0),        Bytes(60 * GiB), .70, true },
      {"h100-sxm-80gb",       Bytes(20 * GiB), Bytes(0),        .92, false},
      {"h100-sxm-80gb",       Bytes(20 * GiB), Bytes(0),        .70, true },
      {"h100-sxm-80gb",       Bytes(0),        Bytes(0),        1.0, false},
      {"h100-sxm-80gb@60GiB", Bytes(0),        Bytes(0),        .92, false},
  };
  for (const Case& each : cases) {
    Question question = about("llama-3.1-8b", "vllm");
    question.reserve = each.reserve;
    if (each.free > Bytes(0)) question.options.vllm.free_memory = each.free;
    question.options.vllm.gpu_memory_utilization = each.share;
    const CheckReport report = checked(question, each.gpu);
    INFO(each.gpu << " at " << each.share);
    CHECK((report.verdict <= Verdict::fits) == each.starts);
    const bool says_so = std::ranges::any_of(report.suggestions, [](const std::string& words) {
      return words.find("Free memory on device") != std::string::npos;
    });
    CHECK(says_so != each.starts);
  }
}

TEST_CASE("a cache that was asked for must have room beside the weights") {
  Question question = about("llama-3.1-8b", "vllm");
  question.options.vllm.kv_cache_memory_bytes = Bytes(100 * GiB);
  CHECK(checked(question, "h100-sxm-80gb").verdict == Verdict::no);
  question.options.vllm.kv_cache_memory_bytes = Bytes(40 * GiB);
  CHECK(checked(question, "h100-sxm-80gb").verdict <= Verdict::fits);
  question.options.vllm.kv_cache_memory_bytes.reset();
  question.options.vllm.num_gpu_blocks_override = 100'000;
  CHECK(checked(question, "h100-sxm-80gb").verdict == Verdict::no);
  question.options.vllm.num_gpu_blocks_override = 10'000;
  CHECK(checked(question, "h100-sxm-80gb").verdict <= Verdict::fits);
}

TEST_CASE("an automatic length is the longest that fits") {
  Question question = about("llama-3.1-8b", "vllm");
  question.context.reset();
  question.full_context = question.longest_context = true;
  const CheckReport large = checked(question, "h100-sxm-80gb");
  CHECK(large.settings.demand.tokens == 131072);
  const CheckReport small = checked(question, "rtx-4090");
  REQUIRE(small.estimate.capacity);
  CHECK(small.settings.demand.tokens == small.estimate.capacity->max_model_len);
  CHECK(small.settings.demand.tokens < 131072);
  CHECK(small.verdict <= Verdict::tight);
}

TEST_CASE("a head or model that drafts tokens weighs something and has a cache") {
  const auto with = [](const serving::Drafts& drafts) {
    Question question = about("llama-3.1-8b", "vllm");
    question.options.vllm.drafts = drafts;
    return checked(question, "h100-sxm-80gb").estimate;
  };
  using Method = serving::Drafts::Method;
  const Estimate plain = with({});
  const Estimate eagle = with({Method::eagle, 3, ""});
  const Amount head = eagle.gpu_term(TermKind::weights);
  CHECK(head.low > plain.gpu_term(TermKind::weights).low);
  CHECK(head.high > head.best);
  CHECK(eagle.gpu_term(TermKind::kv_cache).best > plain.gpu_term(TermKind::kv_cache).best);
  const Estimate drafted = with({Method::draft_model, 3, "llama-3.2-1b"});
  CHECK(drafted.gpu_term(TermKind::weights).best > plain.gpu_term(TermKind::weights).best + Bytes(2 * GiB));
  CHECK(drafted.gpu_term(TermKind::kv_cache).best > plain.gpu_term(TermKind::kv_cache).best);
  CHECK(with({Method::ngram, 3, ""}).gpu_term(TermKind::weights) == plain.gpu_term(TermKind::weights));
}

TEST_CASE("models are recommended only where their runtime runs") {
  Question question = about("", "vllm");
  question.command = Command::recommend;
  question.gpu = "m3-ultra-512gb";
  CHECK(std::get<RecommendReport>(answer(question)).rows.empty());
  question.runtime = "mlx-lm";
  CHECK_FALSE(std::get<RecommendReport>(answer(question)).rows.empty());
  question.gpu = "rtx-4090";
  CHECK(std::get<RecommendReport>(answer(question)).rows.empty());
}

TEST_CASE("SGLang's largest length does not depend on the one that was asked for") {
  Question question = about("qwen3-8b", "sglang");
  const CheckReport report = checked(question, "h100-sxm-80gb");
  const auto longest = std::ranges::find(report.answers, "largest_max_model_len", &Answer::key);
  REQUIRE(longest != report.answers.end());
  CHECK(std::get<std::uint64_t>(longest->value) == 40960);
}

TEST_CASE("without a flag, experts with block scales are split into whole blocks") {
  const CheckReport report = checked(about("qwen3-235b-a22b-fp8", "vllm"), "8x h200");
  CHECK(report.verdict <= Verdict::fits);
  CHECK(report.estimate.places.size() == 4);
  CHECK(report.settings.unusual == std::vector<std::string>{"-tp 4"});
}

TEST_CASE("a checkpoint of 32 bits, which vLLM casts to 16, needs no more GPUs than one of 16") {
  const auto needed = [](const char* quantization) {
    Question question = about("qwen3-32b", "vllm");
    question.quantization = quantization;
    question.gpu = "l40s";
    question.context = 8192;
    return std::get<OverviewReport>(answer(question)).asked_hardware->needed;
  };
  CHECK(needed("BF16") == 2);
  CHECK(needed("FP32") == 2);
}

TEST_CASE("a split over blocks of FP8 is refused only where the checkpoint itself is known") {
  const auto over_eight = [](const char* model, const char* quantization) {
    Question question = about(model, "vllm");
    question.quantization = quantization;
    question.options.vllm.tensor_parallel_size = 8;
    return checked(question, "8x h200").verdict;
  };
  CHECK(over_eight("qwen3-235b-a22b-fp8", "") == Verdict::no);
  CHECK(over_eight("glm-4.5-air", "FP8") == Verdict::great);  // publishers also have a scale per channel
}

// A logged start prints 275.45 requests of 32,768 tokens, but not the memory that it had for them.
TEST_CASE("what is printed for Gemma 4 E2B on an MI300X lies within what its memory allows") {
  Question question = about("gemma-4-e2b", "vllm");
  question.context = 32768;
  question.options.vllm.max_num_batched_tokens = 16384;
  const Capacity capacity = checked(question, "mi300x").estimate.capacity.value();
  const auto requests = [](std::uint64_t tokens) { return static_cast<double>(tokens) / 32768; };
  CHECK(requests(capacity.kv_cache_tokens_low) < 275.45);
  CHECK(requests(capacity.kv_cache_tokens_high) > 275.45);
  CHECK(requests(capacity.kv_cache_tokens_high) < 300);
}

TEST_CASE("GPUs that differ count as the least of them") {
  const CheckReport mixed = checked(about("llama-3.1-8b", "vllm"), "rtx-4090,rtx-3090");
  const CheckReport alike = checked(about("llama-3.1-8b", "vllm"), "2x rtx-3090");
  CHECK(mixed.settings.of_runtime == alike.settings.of_runtime);
  CHECK(mixed.settings.unusual == alike.settings.unusual);
  CHECK(mixed.estimate.capacity == alike.estimate.capacity);
}

TEST_CASE(
    "no overview of a runtime that loads nothing into host memory says that parts of a model may lie there") {
  for (const char* runtime : {"vllm", "sglang", "mlx-lm", "tensorrt-llm"}) {
    CAPTURE(runtime);
    Question question;
    question.model = "llama-3.1-70b";
    question.runtime = runtime;
    question.everything = true;
    const auto report = std::get<OverviewReport>(answer(question));
    for (const HardwareTable* table : {&report.gpus, &report.systems})
      CHECK(std::ranges::count(table->rows, Verdict::offload, &HardwareRow::verdict) == 0);
  }
}
