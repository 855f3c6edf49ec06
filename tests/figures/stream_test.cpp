#include "catch.hpp"
#include "figures/members.hpp"
#include "render/render.hpp"
#include "vramcalc/ask.hpp"
#include "vramcalc/catalog.hpp"

using namespace vramcalc;

TEST_CASE("an overview with figures that were embedded is the overview that is computed") {
  const Catalog catalog;
  for (const char* model : {"deepseek-r1", "qwen3-8b", "llama-3.3-70b", "tinyllama-1.1b", "gpt-oss-20b"}) {
    Question question;
    question.model = model;
    const Report computed = answer(question);
    const JudgedTables tables = judged_tables(catalog, std::get<OverviewReport>(computed));
    const ModelFigures derived = derive_figures(catalog.model(model), catalog.file_types());

    std::string bytes(1, '\0');
    figures::Writer write(bytes, catalog.file_types());
    EmbeddedFigures::Entry entry{model, 1};
    write(derived.parameters, *derived.known);
    entry.hardware = static_cast<std::uint32_t>(bytes.size());
    write(tables);
    const EmbeddedFigures figures({&entry, 1}, bytes);

    INFO(model);
    CHECK(figures.of_hardware(model, catalog.file_types()) == tables);
    CHECK_FALSE(figures.of_hardware("another", catalog.file_types()));
    CHECK_FALSE(figures.of_model("another", catalog.file_types()));
    CHECK(render::json(answer(question, runtimes(), figures), {}) == render::json(computed, {}));
  }
}
