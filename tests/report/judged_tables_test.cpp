#include "catch.hpp"
#include "report/judged_rows.hpp"
#include "vramcalc/ask.hpp"
#include "vramcalc/catalog.hpp"

using namespace vramcalc;

// The program's own tables are written and read this way; these tests are linked with empty ones.
TEST_CASE("a hardware row packed at build time equals the computed row") {
  const Catalog catalog;
  for (const char* model : {"deepseek-r1", "qwen3-8b", "llama-3.3-70b", "tinyllama-1.1b"}) {
    Question question;
    question.model = model;
    const auto overview = std::get<OverviewReport>(answer(question));
    for (const HardwareTable* table : {&overview.gpus, &overview.systems}) {
      for (const HardwareRow& row : table->rows) {
        std::size_t place = 0;
        while (row.id != (row.is_system ? catalog.system_at(place).id : catalog.gpu_at(place).id)) ++place;
        const auto packed = report::judged::packed(row, place, catalog.file_types());
        const HardwareRow same = report::judged::unpacked(catalog, packed, row.is_system);
        INFO(model << " " << row.id);
        CHECK(same.id == row.id);
        CHECK(same.name == row.name);
        CHECK(same.is_system == row.is_system);
        CHECK(same.gpu_count == row.gpu_count);
        CHECK(same.memory_gb == row.memory_gb);
        CHECK(same.memory == row.memory);
        CHECK(same.usable == row.usable);
        CHECK(same.verdict == row.verdict);
        CHECK(same.max_context == row.max_context);
        CHECK(same.best_quantization == row.best_quantization);
        CHECK(same.needed == row.needed);
        CHECK(same.prominence == row.prominence);
      }
    }
  }
  CHECK_FALSE(report::judged_tables(catalog, "deepseek-r1"));
}
