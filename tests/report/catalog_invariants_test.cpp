#include <algorithm>

#include "catch.hpp"
#include "support/sampled.hpp"
#include "vramcalc/catalog.hpp"
#include "vramcalc/session.hpp"

using namespace vramcalc;

namespace {

const Catalog& catalog() {
  static const Catalog embedded;
  return embedded;
}

// Every model in the catalog that llama.cpp can run.
template <class Check>
void for_every_model(const Check& check) {
  std::size_t checked = 0;
  for (const ModelRow* row : test::sampled_models(catalog())) {
    const Model model = catalog().model(row->id);
    if (model.architecture.gguf_name.empty()) continue;
    check(model);
    ++checked;
  }
  CHECK(checked > test::sampled(400));
}

bool ordered(const Amount& amount) { return amount.low <= amount.best && amount.best <= amount.high; }

Amount sum_of_terms(const Estimate& estimate) {
  Amount sum;
  for (const PlaceEstimate& device : estimate.places)
    for (const Term& term : device.terms)
      if (!device.place.is_host()) sum += term.amount;
  return sum;
}

std::unique_ptr<Session> opened(const Model& model, const Options& options = {}) {
  const Runtime& runtime = runtimes().front();
  return runtime.open(runtime, {model, nullptr, options});
}

Quantization q4_k_m() { return GgufMix{catalog().file_type("Q4_K_M"), {}}; }

Bytes total_with(const Model& model, std::uint32_t slots, std::uint64_t context) {
  llama_cpp::Options options;
  options.context.parallel = slots;
  options.context.kv_unified = false;
  return opened(model, options)->gpu_total(q4_k_m(), Demand{context}).best;
}

}  // namespace

TEST_CASE("for every model and file type the terms sum to the total, within its bounds") {
  for_every_model([](const Model& model) {
    const auto session = opened(model);
    const Demand demand{std::min<std::uint64_t>(8192, model.architecture.context_length)};
    for (const FileType& file_type : catalog().file_types()) {
      const Quantization quantization = GgufMix{file_type, {}};
      if (session->find_weights(quantization) == nullptr) continue;
      INFO(model.id << " " << file_type.name);
      const Estimate estimate = session->estimate(quantization, demand, {}, Reasons::none);
      const Amount total = session->gpu_total(quantization, demand);
      CHECK(sum_of_terms(estimate) == estimate.gpu_total());
      CHECK(estimate.gpu_total() == total);
      CHECK(ordered(total));
      for (const PlaceEstimate& device : estimate.places)
        for (const Term& term : device.terms) CHECK(ordered(term.amount));
      CHECK(estimate.file_bytes >= estimate.tensor_bytes);
    }
  });
}

TEST_CASE("a longer context never needs less") {
  for_every_model([](const Model& model) {
    const auto session = opened(model);
    Bytes before;
    for (std::uint64_t context = 256; context <= model.architecture.context_length; context *= 2) {
      INFO(model.id << " at " << context);
      const Bytes total = session->gpu_total(q4_k_m(), Demand{context}).best;
      CHECK(total >= before);
      before = total;
    }
  });
}

TEST_CASE("more sequences of the same length never need less") {
  for_every_model([](const Model& model) {
    const std::uint64_t context = std::min<std::uint64_t>(2048, model.architecture.context_length);
    INFO(model.id);
    CHECK(total_with(model, 1, context) <= total_with(model, 2, 2 * context));
    CHECK(total_with(model, 2, 2 * context) <= total_with(model, 4, 4 * context));
  });
}

TEST_CASE("the largest context fits and the next step does not") {
  for_every_model([](const Model& model) {
    const auto session = opened(model);
    const std::uint64_t full = model.architecture.context_length;
    const Bytes low = session->gpu_total(q4_k_m(), Demand{std::min<std::uint64_t>(256, full)}).high;
    const Bytes high = session->gpu_total(q4_k_m(), Demand{full}).high;
    Machine machine;
    const Bytes usable = machine.usable = low + Bytes((high - low).count() / 3);
    const auto context = session->longest_context(q4_k_m(), machine, {}, 0);
    INFO(model.id << " on " << usable.count());
    REQUIRE(context.has_value());
    CHECK(session->gpu_total(q4_k_m(), Demand{*context}).high <= usable);
    if (*context < full)
      CHECK(session->gpu_total(q4_k_m(), Demand{std::min(*context + 256, full)}).high > usable);
  });
}
