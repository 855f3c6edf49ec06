#include "runtime/llama_cpp/fit/glance.hpp"

#include <random>

#include "catch.hpp"
#include "support/sampled.hpp"
#include "vramcalc/catalog.hpp"
#include "vramcalc/error.hpp"

using namespace vramcalc;
using namespace vramcalc::llama_cpp;

namespace {

std::vector<Model> runnable_models(const Catalog& catalog) {
  std::vector<Model> models;
  for (const ModelRow* row : test::sampled_models(catalog)) {
    Model model = catalog.model(row->id);
    if (!model.architecture.gguf_name.empty()) models.push_back(std::move(model));
  }
  return models;
}

Machine machine_with(std::size_t count, Bytes usable) {
  Device device;
  device.memory = device.usable = usable;
  return machine_of(std::vector<Device>(count, device));
}

Bytes largest_buffer(const Estimate& estimate) {
  Bytes largest;
  for (const PlaceEstimate& device : estimate.places)
    if (!device.place.is_host()) largest = std::max(largest, device.term(TermKind::compute_buffer).high);
  return largest;
}

}  // namespace

TEST_CASE("compute buffers of split models stay well below their bound") {
  const Catalog catalog;
  const Quantization quantization = GgufMix{catalog.file_type("Q4_K_M"), {}};
  std::size_t bounded = 0;
  for (const Model& model : runnable_models(catalog)) {
    const std::uint64_t full = model.architecture.context_length;
    llama_cpp::Session session(runtimes().front(), {model});
    if (session.find_weights(quantization) == nullptr) continue;
    for (const std::uint64_t context : {std::min<std::uint64_t>(2048, full), full}) {
      const auto bound =
          compute_buffer_bound(session, session.estimate(quantization, Demand{context}, {}, Reasons::none));
      if (!bound) continue;
      ++bounded;
      for (const std::size_t gpus : {2u, 16u}) {
        const llama_cpp::Placement placement = placement_on(machine_with(gpus, Bytes(24 * GiB)));
        const Estimate split = session.placed(quantization, context, std::vector<TargetDevice>(gpus),
                                              placement, Reasons::none, Buffers::of_gpus);
        INFO(model.id << " at " << context << " on " << gpus);
        CHECK(largest_buffer(split) * 5 <= *bound * 4);
      }
    }
  }
  CHECK(bounded > test::sampled(800));
}

TEST_CASE("a glance at a load agrees with its placement") {
  const Catalog catalog;
  const std::vector<Model> models = runnable_models(catalog);
  const char* const quantizations[] = {"Q4_K_M", "Q8_0", "IQ2_XXS"};
  std::mt19937 random(20261129);
  int said = 0, all = 0;
  for (std::size_t i = 0; i < test::sampled(400); ++i) {
    const Model& model = models[random() % models.size()];
    const Quantization quantization =
        GgufMix{catalog.file_type(quantizations[random() % std::size(quantizations)]), {}};
    llama_cpp::Session session(runtimes().front(), {model});
    const WeightBytes* weights = session.find_weights(quantization);
    if (weights == nullptr) continue;
    const std::size_t gpus = 2 + random() % 15;
    // From far too little to plenty.
    const Bytes usable(weights->gpu.count() / gpus * (50 + random() % 250) / 100 + GiB);
    Machine machine = machine_with(gpus, usable);
    if (random() % 2 == 0) machine.host = Bytes((1 + random() % 512) * GiB);
    const std::uint64_t context = 512 + random() % model.architecture.context_length;
    INFO(model.id << " " << name_of(quantization) << " at " << context << " on " << gpus << " x "
                  << usable.count() << ", host " << machine.host.count());
    Glance glance(session, quantization, context, machine);
    const Spread spread = spread_over(session, quantization, context, machine);
    ++all;
    if (const auto fits = glance.fits()) {
      ++said;
      CHECK(*fits == spread.fits);
    }
    const auto verdict = glance.verdict();
    if (!verdict) continue;
    const Verdict placed = worst_of(verdicts_on(spread.estimate, machine));
    if (*verdict != Verdict::offload) CHECK(to_string(*verdict) == to_string(placed));
    if (*verdict == Verdict::offload) {
      CHECK(to_string(placed) == "no");
      CHECK(spread.estimate.gpu_total().high <= machine.usable + machine.host);
    }
  }
  CHECK(said * 2 > all);
}
