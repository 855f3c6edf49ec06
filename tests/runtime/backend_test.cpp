#include "vramcalc/backend.hpp"

#include <cmath>
#include <istream>
#include <vector>

#include "catch.hpp"
#include "runtime/llama_cpp/backend.hpp"
#include "runtime/llama_cpp/placed.hpp"
#include "runtime/llama_cpp/release.hpp"
#include "runtime/llama_cpp/tool.hpp"
#include "support/measured_rows.hpp"
#include "support/sampled.hpp"
#include "vramcalc/catalog.hpp"
#include "vramcalc/error.hpp"
#include "vramcalc/runtime.hpp"

using namespace vramcalc;
using namespace vramcalc::llama_cpp;

namespace {

ContextParams params_of(const std::string& runtime) {
  const RuntimeChoice choice = choose_runtime(runtimes(), runtime, AskedOptions{});
  return std::get<llama_cpp::Options>(choice.options).context;
}

// A row of tests/measured/compute_of_backends.tsv.
struct Logged {
  std::string model, backend, runtime, cache, flash, gpu, host;
  ContextParams params;
  std::uint64_t context = 0;
  std::size_t gpus = 1;

  std::string what() const { return model + " " + backend + " " + runtime + " " + std::to_string(context); }
};

std::vector<Logged> logged() {
  std::vector<Logged> rows;
  test::read_measured_rows("compute_of_backends.tsv", [&](std::istream& words) {
    Logged row;
    std::uint32_t slots = 0, unified = 0, ubatch = 0;
    words >> row.model >> row.backend >> row.runtime >> row.context >> slots >> unified >> ubatch >>
        row.cache >> row.flash >> row.gpus >> row.gpu >> row.host;
    row.params.parallel = slots;
    row.params.kv_unified = unified != 0;
    row.params.ubatch = ubatch;
    row.params.cache_type_k = row.params.cache_type_v = element_type_from_name(row.cache).value();
    if (row.flash == "on") row.params.flash_attention = FlashAttention::on;
    row.params.rules = params_of(row.runtime).rules;
    rows.push_back(std::move(row));
  });
  return rows;
}

// Whether the amount includes this number of MiB, to the last digit in the log.
bool holds(const Amount& amount, const std::string& mib) {
  const double figure = std::stod(mib), digit = mib.find('.') == std::string::npos ? 1 : 0.01;
  const auto as_mib = [](Bytes bytes) {
    return static_cast<double>(bytes.count()) / static_cast<double>(MiB);
  };
  return as_mib(amount.low) < figure + digit && figure - digit < as_mib(amount.high);
}

double width(const Amount& amount) {
  return static_cast<double>((amount.high - amount.low).count()) / static_cast<double>(amount.best.count());
}

struct Estimated {
  Amount gpu, host;
};

Estimated alone(const Catalog& catalog, const Logged& row) {
  const BoundedGrowth growth = bounded_growth(catalog.model(row.model).architecture, row.params, row.context,
                                              row.context, backend_named(row.backend));
  return {growth.gpu(row.context), growth.host(row.context)};
}

Estimated placed(const Catalog& catalog, const Logged& row) {
  const Model model = catalog.model(row.model);
  const Backend backend = backend_named(row.backend);
  const ClassifiedTensors tensors(model.architecture);
  const Weights weights = weights_of(tensors, catalog.file_type("Q4_K_M"));
  llama_cpp::Placement placement;
  placement.backend = backend;
  placement.free.assign(row.gpus, Bytes(32 * GiB));
  KnownPlacements known;
  const auto devices = place(model.architecture, weights, row.params, row.context, placement, Reasons::none,
                             Buffers::all, known);
  return {devices.front().term(TermKind::compute_buffer), devices.back().term(TermKind::compute_buffer)};
}

}  // namespace

TEST_CASE("measured compute buffers of other backends, builds and tools are in the interval") {
  const Catalog catalog;
  const auto rows = logged();
  REQUIRE(rows.size() >= 20);
  double widths = 0;
  for (const Logged& row : rows) {
    const Estimated ours = row.gpus == 1 ? alone(catalog, row) : placed(catalog, row);
    INFO(row.what() << ": measured " << row.gpu << ", " << row.host << "; ours " << ours.gpu.low.count() / MiB
                    << ".." << ours.gpu.high.count() / MiB << ", " << ours.host.low.count() / MiB << ".."
                    << ours.host.high.count() / MiB);
    CHECK(holds(ours.gpu, row.gpu));
    if (row.host != "-") CHECK(holds(ours.host, row.host));
    widths += width(ours.gpu);
  }
  CHECK(widths / static_cast<double>(rows.size()) < 0.5);
}

TEST_CASE("a model placed on one GPU has the same interval as on a single GPU") {
  const Catalog catalog;
  for (const Logged& row : test::sampled(logged())) {
    if (row.gpus != 1) continue;
    INFO(row.what());
    const Estimated one = alone(catalog, row), same = placed(catalog, row);
    CHECK(one.gpu == same.gpu);
    CHECK(one.host == same.host);
  }
}

TEST_CASE("compute buffers are never exact if their rules are unknown") {
  const Catalog catalog;
  std::size_t models = 0;
  for (const ModelRow* row : catalog.models()) {
    if (!row->incomplete.empty() || ++models % 8 != 0) continue;
    const Model model = catalog.model(row->id);
    if (model.architecture.gguf_name.empty()) continue;
    for (const Backend backend : {Backend::sycl, Backend::other}) {
      INFO(row->id << " " << to_string(backend));
      const BoundedGrowth growth = bounded_growth(model.architecture, {}, 4096, 4096, backend);
      CHECK(growth.gpu(4096).low < growth.gpu(4096).high);
      CHECK(growth.host(4096).low < growth.host(4096).high);
      CHECK(growth.gpu(4096).low <= growth.gpu(4096).best);
      CHECK(growth.gpu(4096).best <= growth.gpu(4096).high);
    }
  }
}

TEST_CASE("CUDA and ROCm are exact since June 2026 where a release has one graph") {
  const Architecture llama = Catalog().model("llama-3.1-8b").architecture;
  const Architecture gpt = Catalog().model("gpt-oss-20b").architecture;
  const auto exact = [](const Architecture& architecture, const std::string& runtime, Backend backend) {
    const BoundedGrowth growth = bounded_growth(architecture, params_of(runtime), 4096, 4096, backend);
    CHECK(growth.gpu(4096).low <= growth.gpu(4096).best);
    CHECK(growth.gpu(4096).best <= growth.gpu(4096).high);
    return growth.gpu(4096).low == growth.gpu(4096).high;
  };
  for (const Backend backend : {Backend::cuda, Backend::rocm}) {
    CHECK(is_exact({}, backend));
    CHECK_FALSE(is_exact(params_of("llama-bench"), backend));
    for (const char* runtime : {"llama.cpp", "llama.cpp@b9867", "llama.cpp@2026-09-10", "llama-bench",
                                "llama-bench@b9867", "bindings@0.5.0"}) {
      CAPTURE(runtime);
      CHECK(why_interval(llama, params_of(runtime), backend).empty());
      CHECK(exact(llama, runtime, backend));
    }
    for (const char* runtime : {"llama.cpp@b9010", "llama.cpp@2026-06", "llama.cpp@b12211", "bindings"}) {
      CAPTURE(runtime);
      CHECK_FALSE(why_interval(llama, params_of(runtime), backend).empty());
      CHECK_FALSE(exact(llama, runtime, backend));
    }
    CHECK_FALSE(exact(gpt, "llama-bench@b9867", backend));  // perhaps with late rows
  }
  CHECK(why_interval(llama, {}, Backend::metal).empty());
  for (const Backend backend : {Backend::vulkan, Backend::sycl, Backend::other}) {
    CHECK_FALSE(is_exact({}, backend));
    CHECK(why_interval(llama, {}, backend).find(title(backend)) != std::string::npos);
  }
}

TEST_CASE("the bounds over a range of contexts are those of every context in it") {
  const Catalog catalog;
  for (const char* name : {"llama-3.1-8b", "gpt-oss-20b", "gemma-3-4b", "qwen3.5-9b"}) {
    const Model model = catalog.model(name);
    for (const Backend backend : {Backend::metal, Backend::vulkan}) {
      const BoundedGrowth growth = bounded_growth(model.architecture, {}, 8192, 32768, backend);
      for (const std::uint64_t context : {8192u, 8448u, 16384u, 32768u}) {
        if (!growth.holds(context)) continue;
        INFO(name << " " << to_string(backend) << " " << context);
        const BoundedGrowth alone = bounded_growth(model.architecture, {}, context, context, backend);
        CHECK(growth.gpu(context) == alone.gpu(context));
        CHECK(growth.host(context) == alone.host(context));
      }
    }
  }
}

TEST_CASE("the default backend of a vendor's hardware") {
  struct Row {
    const char* vendor;
    Backend usual;
    std::vector<Backend> others;
  };
  const Row rows[] = {
      {"NVIDIA",   Backend::cuda,   {Backend::vulkan}               },
      {"AMD",      Backend::rocm,   {Backend::vulkan}               },
      {"Apple",    Backend::metal,  {}                              },
      {"Intel",    Backend::vulkan, {Backend::sycl}                 },
      {"Qualcomm", Backend::vulkan, {Backend::sycl}                 },
      {"Huawei",   Backend::other,  {Backend::vulkan, Backend::cuda}},
  };
  for (const Row& row : rows) {
    CAPTURE(row.vendor);
    const Backend usual = default_backend(row.vendor);
    CHECK(usual == row.usual);
    CHECK(drives(usual, usual));
    for (const Backend other : row.others) CHECK(drives(other, usual));
    if (usual != Backend::metal && usual != Backend::other) CHECK_FALSE(drives(Backend::metal, usual));
  }
  CHECK_THROWS_WITH(backend_named("opencl"),
                    "--backend: \"opencl\" is unknown; known: cuda, rocm, metal, vulkan, sycl, cpu");
}

TEST_CASE("the flag --runtime names a runtime, a tool and a release") {
  struct Row {
    const char* words;
    const char* tool;
    const char* release;
  };
  const Row rows[] = {
      {"llama.cpp",              "",                 ""          },
      {"llama.cpp@b9010",        "",                 "b9010"     },
      {"llama.cpp@0.4.x",        "",                 "0.4.x"     },
      {"llama.cpp@v0.3.0",       "",                 "v0.3.0"    },
      {"llama.cpp@2026-05-07",   "",                 "2026-05-07"},
      {"llama-bench",            "llama-bench",      ""          },
      {"llama-fit-params@b9867", "llama-fit-params", "b9867"     },
      {"bindings",               "bindings",         ""          },
  };
  const AskedOptions options;
  for (const Row& row : rows) {
    CAPTURE(row.words);
    const RuntimeChoice choice = choose_runtime(runtimes(), row.words, options);
    CHECK(choice.runtime->id == "llama.cpp");
    CHECK(choice.tool == row.tool);
    CHECK(choice.release == row.release);
    CHECK(params_of(row.words).rules == release_rules(row.tool, row.release));
  }
  CHECK(choose_runtime(runtimes(), "rule-of-thumb", options).runtime->id == "rule-of-thumb");
  for (const char* words : {"llama.cpp@b100", "llama.cpp@", "lama.cpp", "rule-of-thumb@b9010"}) {
    CAPTURE(words);
    CHECK_THROWS_AS(choose_runtime(runtimes(), words, options), Error);
  }
}
