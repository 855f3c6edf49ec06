#include "vramcalc/figures.hpp"

#include "catch.hpp"
#include "runtime/llama_cpp/precomputed.hpp"
#include "support/sampled.hpp"
#include "vramcalc/catalog.hpp"

using namespace vramcalc;

TEST_CASE("precomputed figures equal those of a session without them") {
  const Catalog catalog;
  const std::vector ids = {"llama-3.1-8b", "deepseek-r1", "gemma-3-27b", "qwen3-next-80b-a3b-instruct",
                           "grok-1",       "phi-4",       "glm-4.5-air"};
  for (const char* id : test::sampled(ids, "llama")) {
    const Model model = catalog.model(id);
    const ModelFigures figures = derive_figures(model, catalog.file_types());
    CHECK(figures.parameters.total() == parameters_of(model.architecture).total());

    const Runtime& runtime = runtimes().front();
    const auto known = runtime.open(runtime, {model, nullptr, {}, {}, figures.known});
    for (const FileType& file_type : catalog.file_types()) {
      const auto computed = runtime.open(runtime, {model});
      const Quantization quantization = GgufMix{file_type, {}};
      if (computed->find_weights(quantization) == nullptr) continue;
      INFO(id << " " << file_type.name);
      CHECK(known->other_files(quantization) == computed->other_files(quantization));
      for (const std::uint64_t context :
           {std::uint64_t{1}, std::uint64_t{300}, std::uint64_t{2048}, std::uint64_t{30000},
            std::uint64_t{model.architecture.context_length}}) {
        if (file_type.name != "Q4_K_M" && context != 2048) continue;
        const Demand demand{context};
        CHECK(known->estimate(quantization, demand, {}, Reasons::full) ==
              computed->estimate(quantization, demand, {}, Reasons::full));
        CHECK(known->settings(quantization, demand, {}) == computed->settings(quantization, demand, {}));
      }
    }
  }
}
