#include <array>
#include <numeric>
#include <string>
#include <vector>

#include "catch.hpp"
#include "runtime/llama_cpp/ollama/launch.hpp"
#include "runtime/llama_cpp/tool.hpp"
#include "vramcalc/catalog.hpp"
#include "vramcalc/error.hpp"
#include "vramcalc/fit.hpp"
#include "vramcalc/llama_cpp/placement.hpp"
#include "vramcalc/session.hpp"

using namespace vramcalc;
using namespace vramcalc::llama_cpp;

namespace {

Bytes mib(double number) { return Bytes(static_cast<std::uint64_t>(number * static_cast<double>(MiB))); }
Bytes gib(double number) { return mib(1024 * number); }

const Catalog& catalog() {
  static const Catalog known;
  return known;
}

ollama::Gpus gpus(std::vector<Bytes> free, Backend backend = Backend::cuda, std::uint32_t capability = 89) {
  return {std::move(free), backend, capability};
}

Machine machine_with(const std::vector<Bytes>& free, std::uint32_t capability = 75) {
  std::vector<Device> devices;
  for (const Bytes each : free) {
    Device device{"GPU", each, each, {}};
    device.target.total = each;
    device.target.capability = capability;
    device.target.streaming_multiprocessors = 30;
    devices.push_back(device);
  }
  Machine machine = machine_of(std::move(devices));
  machine.host = gib(62.7);
  return machine;
}

struct Opened {
  Model model;
  std::unique_ptr<Session> session;
};

Opened opened(const char* model, const char* runtime, AskedOptions options = {}) {
  Opened result{catalog().model(model), nullptr};
  const RuntimeChoice choice = choose_runtime(runtimes(), runtime, options);
  result.session = choice.runtime->open(*choice.runtime, Opening{result.model, nullptr, choice.options});
  return result;
}

Quantization mix_of(const char* file_type) { return GgufMix{catalog().file_type(file_type), {}}; }

}  // namespace

TEST_CASE("Ollama's default context follows the memory of all GPUs") {
  struct Row {
    double gib;
    std::uint64_t trained, tokens;
  };
  // As public logs say ("vram-based default context"; index ids 69496534641, 71467601736, 60219288742).
  const Row rows[] = {
      {0,     131072, 4096  },
      {11.8,  131072, 4096  },
      {17.8,  131072, 4096  },
      {22.0,  131072, 4096  },
      {23.5,  131072, 32768 },
      {46.9,  131072, 32768 },
      {47,    262144, 262144},
      {102.2, 262144, 262144},
      {102.2, 40960,  40960 },
      {23.5,  2048,   2048  },
  };
  for (const Row& row : rows) {
    CAPTURE(row.gib, row.trained);
    CHECK(ollama::default_context(gib(row.gib), row.trained) == row.tokens);
  }
}

TEST_CASE("Ollama's batch grows with the context where its guess leaves room") {
  using enum FlashAttention;
  struct Row {
    std::uint64_t tokens;
    double guess, free;  // GiB
    FlashAttention flash;
    Backend backend;
    std::uint32_t batch;
  };
  // server/sched.go, automaticGenerationBatch, and the rows of its test in server/sched_test.go.
  const Row rows[] = {
      {4096,   1,     24, automatic, Backend::cuda,   512 },
      {8192,   5,     24, automatic, Backend::cuda,   1024},
      {32768,  5,     24, automatic, Backend::metal,  1024},
      {65536,  5,     24, automatic, Backend::cuda,   2048},
      {131072, 8.301, 11, automatic, Backend::cuda,   512 },
      {65536,  14.3,  24, automatic, Backend::cuda,   2048},
      {65536,  14.6,  24, automatic, Backend::vulkan, 1024},
      {65536,  18.1,  24, automatic, Backend::cuda,   512 },
      {65536,  4.5,   8,  automatic, Backend::cuda,   1024},
      {131072, 8,     14, off,       Backend::cuda,   512 },
      {131072, 3,     6,  off,       Backend::cuda,   256 },
      {4096,   3,     6,  off,       Backend::cuda,   512 },
      {131072, 3,     6,  off,       Backend::rocm,   1024},
      {131072, 99,    0,  automatic, Backend::cuda,   2048},
  };
  const Architecture& any = catalog().model("llama-3.1-8b").architecture;
  for (const Row& row : rows) {
    CAPTURE(row.tokens, row.guess, row.free);
    const std::vector<Bytes> free(row.free > 0 ? 1 : 0, gib(row.free));
    CHECK(ollama::batch_for(any, row.tokens, gib(row.guess), row.flash, gpus(free, row.backend)) ==
          row.batch);
  }
}

TEST_CASE("Ollama's guess is the file and a cache of its fewest KV heads") {
  struct Row {
    const char* model;
    std::uint64_t per_token;  // 2 × layers × KV heads × (width / heads) × 2
  };
  const Row rows[] = {
      {"llama-3.1-8b", 2 * 32 * 8 * 128 * 2},
      {"gpt-oss-20b",  2 * 24 * 8 * 45 * 2 },
      {"qwen3-8b",     2 * 36 * 8 * 128 * 2},
  };
  for (const Row& row : rows) {
    CAPTURE(row.model);
    CHECK(ollama::predicted(catalog().model(row.model).architecture, gib(4), 1000) ==
          gib(4) + Bytes(1000 * row.per_token));
  }
}

TEST_CASE("Ollama takes a single GPU if four fifths of it are enough") {
  CHECK(ollama::only_gpu(gib(19), gpus({gib(24), gib(24)})) == 0);
  CHECK(ollama::only_gpu(gib(19.3), gpus({gib(24), gib(24)})) == -1);
  CHECK(ollama::only_gpu(gib(19), gpus({gib(12), gib(24)})) == 1);
  CHECK(ollama::only_gpu(gib(1), gpus({gib(24)})) == -1);
}

TEST_CASE("Ollama turns flash attention off for GPUs before Pascal") {
  using enum FlashAttention;
  CHECK(ollama::flash_attention(automatic, gpus({}, Backend::cuda, 52)) == off);
  CHECK(ollama::flash_attention(automatic, gpus({}, Backend::cuda, 61)) == automatic);
  CHECK(ollama::flash_attention(automatic, gpus({}, Backend::cuda, 72)) == off);
  CHECK(ollama::flash_attention(automatic, gpus({}, Backend::metal, 0)) == automatic);
  CHECK(ollama::flash_attention(on, gpus({}, Backend::cuda, 52)) == on);
}

TEST_CASE("some architectures have one slot under Ollama") {
  const auto one_slot = [](const char* model) {
    return ollama::takes_one_slot(catalog().model(model).architecture);
  };
  CHECK(one_slot("qwen3.6-27b"));
  CHECK_FALSE(one_slot("qwen3-8b"));
  AskedOptions asked;
  asked.llama_cpp.context.parallel = 4;
  const auto tokens = [&](const char* model) {
    return opened(model, "ollama", asked).session->default_tokens(machine_with({gib(8)}));
  };
  CHECK(tokens("qwen3.6-27b") == 4096);
  CHECK(tokens("qwen3-8b") == 4 * 4096);
}

TEST_CASE("a release of Ollama holds one of some builds of llama.cpp") {
  struct Row {
    const char* release;
    Builds builds;
  };
  const Row rows[] = {
      {"",            {11081, 11081}},
      {"0.30.6",      {9000, 9888}  },
      {"v0.31",       {9000, 9888}  },
      {"0.32.15",     {9888, 10488} },
      {"0.33.0",      {10488, 10488}},
      {"0.33.3-rocm", {10630, 10864}},
      {"0.33",        {10488, 10864}},
      {"0.34.2",      {10969, 10969}},
      {"0.40.2",      {11081, 11081}},
      {"2026-09-29",  {11081, 11081}},
  };
  for (const Row& row : rows) {
    CAPTURE(row.release);
    CHECK(builds_of(Tool::ollama, row.release) == row.builds);
  }
  CHECK_FALSE(builds_of(Tool::ollama, "b10969"));
  CHECK(title_of(Tool::ollama, "0.34.2") == "Ollama 0.34.2 (llama.cpp b10969)");
  CHECK(title_of(Tool::ollama, "b10969") == "Ollama with llama.cpp b10969");
  CHECK_THROWS_WITH(
      builds_of(Tool::ollama, "0.12.3"),
      "--runtime: Ollama 0.12.3 computes with an engine of its own, whose buffers are not known; "
      "from 0.30 on it starts llama-server");
  CHECK_THROWS_AS(builds_of(Tool::ollama, "0.99"), Error);
  CHECK_THROWS_AS(builds_of(Tool::ollama, "latest"), Error);
}

// A public log of Ollama of 2026-06-28 on an RTX 2060 with 5,141 MiB free (index id 61471163053): "id=0,
// n_layer=15, mem= 4089 MiB", of 2,049.43 MiB of weights, 1,792 of cache and 248 of compute buffer.
TEST_CASE("Ollama leaves the layers to llama-server's fit") {
  const Opened hermes = opened("llama-3.1-8b", "ollama@2026-06-28");
  const Machine machine = machine_with({Bytes(5141 * MiB)});
  const Load load = hermes.session->load(mix_of("Q4_0"), {32768, Origin::flag}, machine, {});
  CHECK(load.layers.on_gpus == 15);
  CHECK(load.layers.all == 33);
  CHECK(load.verdict == Verdict::offload);
  CHECK(load.estimate.gpu_term(TermKind::kv_cache).best == Bytes(1792 * MiB));
  CHECK(load.estimate.gpu_term(TermKind::weights).best >= mib(2049.425));
  CHECK(load.estimate.gpu_term(TermKind::weights).best <= mib(2049.435));
  CHECK(load.estimate.gpu_term(TermKind::compute_buffer).low <= mib(248.5));
  CHECK(load.estimate.gpu_term(TermKind::compute_buffer).high >= mib(247.5));
}

TEST_CASE("a model that fits is on the GPU as a whole") {
  const Opened llama = opened("llama-3.1-8b", "ollama");
  const Load load = llama.session->load(mix_of("Q4_K_M"), {32768}, machine_with({gib(23.5)}, 89), {});
  CHECK(load.layers.whole);
  CHECK(load.fits);
  CHECK(llama.session->default_tokens(machine_with({gib(23.5)})) == 32768);
  CHECK(llama.session->unusual_settings(mix_of("Q4_K_M"), {32768}, machine_with({gib(23.5)}, 89).device) ==
        std::vector<std::string>{"1 slot", "cache f16", "batch 1024"});
}

// llm/llama_server.go, mmprojOffloadHeadroom; a public log has a margin of 1,909 MiB for a projector of 885
// (index id 70678858581).
TEST_CASE("with a projector, Ollama has the fit leave room for its weights and 1 GiB") {
  const Model model = catalog().model("qwen3-8b");
  const Runtime& runtime = *choose_runtime(runtimes(), "ollama", {}).runtime;
  Projector projector;
  projector.weights.tensors = {tensor_named("v.blk.0.ffn_up.weight", {1024, 885 * 512})};
  projector.weights.types = {ElementType::f16};
  projector.weights.tensor_bytes = mib(885);
  projector.weights.files = {"mmproj.gguf"};
  TargetDevice device = machine_with({gib(24)}, 89).device;
  struct Least {
    Bytes memory, needed;
  };
  const auto least = [&](std::vector<Projector> projectors, Bytes overhead) {
    auto options = std::get<llama_cpp::Options>(choose_runtime(runtimes(), "ollama", {}).options);
    options.ollama.sets_batch = true;
    options.ollama.gpu_overhead = overhead;
    Opening opening{model, nullptr, options};
    opening.extras.projectors = std::move(projectors);
    const auto session = runtime.open(runtime, opening);
    std::uint64_t low = 0, high = gib(64).count();
    while (low + 1 < high) {
      const std::uint64_t middle = std::midpoint(low, high);
      (session->fits_on_pool(mix_of("Q4_K_M"), {4096}, device, Bytes(middle)) ? high : low) = middle;
    }
    return Least{Bytes(high), session->gpu_total(mix_of("Q4_K_M"), {4096}, device).high};
  };
  const Least alone = least({}, {}), both = least({projector}, {}), less = least({projector}, gib(2));
  const Bytes margin = alone.memory - alone.needed;
  CHECK(both.needed - alone.needed == mib(885));
  CHECK(both.memory - both.needed == margin + mib(885));
  CHECK(less.memory - less.needed == margin + mib(885) + gib(2));
}

TEST_CASE("other tools have slots and a context of their own") {
  struct Row {
    const char* runtime;
    std::optional<std::uint32_t> parallel;
    std::optional<std::uint64_t> tokens;
    Applies all_logits;
  };
  const Row rows[] = {
      {"llama.cpp",        std::nullopt, std::nullopt, Applies::no },
      {"llama-cli",        1,            std::nullopt, Applies::no },
      {"llama-bench",      1,            512,          Applies::yes},
      {"llama-fit-params", 1,            std::nullopt, Applies::yes},
      {"bindings",         1,            std::nullopt, Applies::yes},
      {"lm-studio",        std::nullopt, 4096,         Applies::no },
      {"lm-studio@b9010",  std::nullopt, 4096,         Applies::yes},
  };
  for (const Row& row : rows) {
    CAPTURE(row.runtime);
    const auto options = std::get<llama_cpp::Options>(choose_runtime(runtimes(), row.runtime, {}).options);
    CHECK(options.context.parallel == row.parallel);
    CHECK(options.context.rules.all_logits == row.all_logits);
    CHECK(opened("qwen3-8b", row.runtime).session->default_tokens({}) == row.tokens);
  }
}
