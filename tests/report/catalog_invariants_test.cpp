#include <algorithm>

#include "catch.hpp"
#include "vramcalc/catalog.hpp"
#include "vramcalc/fit.hpp"
#include "vramcalc/runtime.hpp"

using namespace vramcalc;

namespace {

const Catalog& catalog() {
  static const Catalog embedded;
  return embedded;
}

// Compressed attention (DeepSeek V4) is the one kind whose graph nobody has derived; such a model is refused.
bool has_known_graph(const Model& model) {
  return std::none_of(
      model.architecture.blocks.begin(), model.architecture.blocks.end(),
      [](const Block& block) { return std::holds_alternative<CompressedAttention>(block.attention); });
}

// Every model of the catalog that llama.cpp can run.
template <class Check>
void for_every_model(const Check& check) {
  std::size_t checked = 0;
  for (const ModelRow* row : catalog().models()) {
    if (!row->incomplete.empty()) continue;
    const Model model = catalog().model(row->id);
    if (model.architecture.gguf_name.empty() || !has_known_graph(model)) continue;
    check(model);
    ++checked;
  }
  CHECK(checked > 400);
}

bool ordered(const Amount& amount) { return amount.low <= amount.best && amount.best <= amount.high; }

Amount sum_of_terms(const Estimate& estimate) {
  Amount sum;
  for (const PlaceEstimate& device : estimate.places)
    for (const Term& term : device.terms)
      if (!device.place.is_host()) sum += term.amount;
  return sum;
}

Bytes total_with(const Model& model, std::uint32_t slots, std::uint64_t context) {
  Workload workload;
  workload.parallel = slots;
  workload.kv_unified = false;
  Estimator estimator(model, find_runtime("llama.cpp"), workload);
  return estimator.gpu_total(catalog().file_type("Q4_K_M"), context).best;
}

}  // namespace

TEST_CASE("for every model and file type the terms sum to the total and bounds hold the figure") {
  for_every_model([](const Model& model) {
    Estimator estimator(model, find_runtime("llama.cpp"), Workload{});
    const std::uint64_t context = std::min<std::uint64_t>(8192, model.architecture.context_length);
    for (const FileType& file_type : catalog().file_types()) {
      if (estimator.find_weighing(file_type) == nullptr) continue;
      INFO(model.id << " " << file_type.name);
      const Estimate estimate = estimator.estimate(file_type, context, {}, Reasons::none);
      const Amount total = estimator.gpu_total(file_type, context);
      CHECK(sum_of_terms(estimate) == estimate.gpu_total());
      CHECK(estimate.gpu_total() == total);
      CHECK(ordered(total));
      for (const PlaceEstimate& device : estimate.places)
        for (const Term& term : device.terms) CHECK(ordered(term.amount));
      CHECK(estimate.file_bytes >= estimate.tensor_bytes);
    }
  });
}

TEST_CASE("a longer context never takes less") {
  const FileType& file_type = catalog().file_type("Q4_K_M");
  for_every_model([&](const Model& model) {
    Estimator estimator(model, find_runtime("llama.cpp"), Workload{});
    Bytes before;
    for (std::uint64_t context = 256; context <= model.architecture.context_length; context *= 2) {
      INFO(model.id << " at " << context);
      const Bytes total = estimator.gpu_total(file_type, context).best;
      CHECK(total >= before);
      before = total;
    }
  });
}

TEST_CASE("more sequences of the same length never take less") {
  for_every_model([](const Model& model) {
    const std::uint64_t context = std::min<std::uint64_t>(2048, model.architecture.context_length);
    INFO(model.id);
    CHECK(total_with(model, 1, context) <= total_with(model, 2, 2 * context));
    CHECK(total_with(model, 2, 2 * context) <= total_with(model, 4, 4 * context));
  });
}

TEST_CASE("the largest context fits and the next step does not") {
  const FileType& file_type = catalog().file_type("Q4_K_M");
  for_every_model([&](const Model& model) {
    Estimator estimator(model, find_runtime("llama.cpp"), Workload{});
    const std::uint64_t full = model.architecture.context_length;
    const Bytes low = estimator.gpu_total(file_type, std::min<std::uint64_t>(256, full)).high;
    const Bytes high = estimator.gpu_total(file_type, full).high;
    const Bytes usable = low + Bytes((high - low).count() / 3);
    const auto context = largest_context(estimator, file_type, usable);
    INFO(model.id << " on " << usable.count());
    REQUIRE(context.has_value());
    CHECK(estimator.gpu_total(file_type, *context).high <= usable);
    if (*context < full) CHECK(estimator.gpu_total(file_type, std::min(*context + 256, full)).high > usable);
  });
}
