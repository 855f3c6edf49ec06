#include "catch.hpp"
#include "runtime/llama_cpp/precomputed.hpp"
#include "vramcalc/catalog.hpp"
#include "vramcalc/error.hpp"
#include "vramcalc/figures.hpp"

using namespace vramcalc;

namespace {

void check_equal(const ModelFigures& embedded, const ModelFigures& derived) {
  CHECK(embedded.parameters.total() == derived.parameters.total());
  CHECK(embedded.known->weights.size() == derived.known->weights.size());
  CHECK(embedded.known->others == derived.known->others);
  CHECK(embedded.known->growths == derived.known->growths);
  CHECK(embedded.known->bounded_growths == derived.known->bounded_growths);
  CHECK(embedded.known->flash_attention == derived.known->flash_attention);
}

bool runs_on_llama_cpp(const Catalog& catalog, const Model& model) try {
  const Runtime& runtime = runtimes().front();
  const Quantization quantization = GgufMix{catalog.file_type("Q4_K_M"), {}};
  runtime.open(runtime, {model})->estimate(quantization, Demand{256}, {}, Reasons::none);
  return true;
} catch (const Error& refusal) {
  if (refusal.code() != ErrorCode::unsupported) throw;
  return false;
}

}  // namespace

// Only a build with VRAMCALC_FIGURES has this test.
TEST_CASE("every model that llama.cpp runs has embedded figures") {
  const Catalog catalog;
  std::size_t with_figures = 0;
  for (const ModelRow* row : catalog.models()) {
    if (!row->incomplete.empty()) continue;
    INFO(row->id);
    const bool has_figures = embedded_figures().of_model(row->id, catalog.file_types()).has_value();
    with_figures += has_figures ? 1 : 0;
    CHECK((has_figures || !runs_on_llama_cpp(catalog, catalog.model(row->id))));
  }
  CHECK(with_figures > 400);
}

TEST_CASE("embedded figures equal derived ones") {
  const Catalog catalog;
  for (const char* id :
       {"llama-3.1-8b", "deepseek-r1", "gemma-3-27b", "qwen3-next-80b-a3b-instruct", "phi-4"}) {
    INFO(id);
    const auto embedded = embedded_figures().of_model(id, catalog.file_types());
    REQUIRE(embedded);
    check_equal(*embedded, derive_figures(catalog.model(id), catalog.file_types()));
  }
}
