#include "vramcalc/figures.hpp"

#include "catch.hpp"
#include "vramcalc/catalog.hpp"

using namespace vramcalc;

// What was computed while building is what is computed when it is asked for.
TEST_CASE("figures that are known beforehand are those of the estimator") {
  const Catalog catalog;
  for (const char* id : {"llama-3.1-8b", "deepseek-r1", "gemma-3-27b", "qwen3-next-80b-a3b-instruct",
                         "grok-1", "phi-4", "glm-4.5-air"}) {
    const Model model = catalog.model(id);
    const ModelFigures figures = derive_figures(model, catalog.file_types());
    CHECK(figures.parameters.total() == parameters_of(model.architecture).total());

    const Runtime& runtime = find_runtime("llama.cpp");
    Estimator known(model, runtime, {}, {}, figures.known);
    for (const FileType& file_type : catalog.file_types()) {
      Estimator computed(model, runtime, {});
      const Weighing* weighing = computed.find_weighing(file_type);
      if (weighing == nullptr) continue;
      INFO(id << " " << file_type.name);
      CHECK(known.other_files(file_type) == computed.other_files(file_type));
      for (const std::uint64_t context :
           {std::uint64_t{1}, std::uint64_t{300}, std::uint64_t{2048}, std::uint64_t{30000},
            std::uint64_t{model.architecture.context_length}}) {
        if (file_type.name != "Q4_K_M" && context != 2048) continue;
        CHECK(known.estimate(file_type, context, {}, Reasons::full) ==
              computed.estimate(file_type, context, {}, Reasons::full));
        CHECK(known.resolve(context) == computed.resolve(context));
      }
    }
  }
}
