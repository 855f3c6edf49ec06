#include "catch.hpp"
#include "figures/members.hpp"
#include "render/render.hpp"
#include "vramcalc/ask.hpp"
#include "vramcalc/catalog.hpp"

using namespace vramcalc;

TEST_CASE("an overview with figures that were embedded is the overview that is computed") {
  const Catalog catalog;
  struct Asked {
    const char *model, *runtime;
  };
  for (const auto& [model, runtime] : {
           Asked{"deepseek-r1",               "llama.cpp"},
           Asked{"qwen3-8b",                  "llama.cpp"},
           Asked{"llama-3.3-70b",             "llama.cpp"},
           Asked{"tinyllama-1.1b",            "llama.cpp"},
           Asked{"gpt-oss-20b",               "llama.cpp"},
           Asked{"qwen3-8b",                  "vllm"     },
           Asked{"deepseek-r1-0528-nvfp4-v2", "vllm"     },
           Asked{"gpt-oss-20b",               "vllm"     }
  }) {
    Question question;
    question.model = model;
    question.runtime = runtime;
    const Report computed = answer(question);
    const JudgedTables tables = judged_tables(catalog, std::get<OverviewReport>(computed));
    const ModelFigures derived = derive_figures(catalog.model(model), catalog.file_types());

    std::string bytes;
    figures::Writer write(bytes, catalog.file_types());
    write(derived.parameters, *derived.known);
    const EmbeddedFigures::Entry of_model{model, 0},
        of_hardware{model, static_cast<std::uint32_t>(bytes.size())};
    write(tables);
    const EmbeddedFigures::Hardware hardware{
        runtime, {&of_hardware, 1}
    };
    const EmbeddedFigures figures({&of_model, 1}, {&hardware, 1}, bytes);

    INFO(model << " under " << runtime);
    CHECK(figures.of_hardware(model, runtime, catalog.file_types()) == tables);
    CHECK_FALSE(figures.of_hardware("another", runtime, catalog.file_types()));
    CHECK_FALSE(figures.of_hardware(model, "another", catalog.file_types()));
    CHECK_FALSE(figures.of_model("another", catalog.file_types()));
    CHECK(render::json(answer(question, runtimes(), figures), {}) == render::json(computed, {}));
  }
}
