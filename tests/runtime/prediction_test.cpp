#include <array>
#include <istream>

#include "catch.hpp"
#include "runtime/llama_cpp/drafting.hpp"
#include "runtime/llama_cpp/placed.hpp"
#include "runtime/llama_cpp/prediction_context.hpp"
#include "runtime/llama_cpp/weights.hpp"
#include "runtime/prediction_rows.hpp"
#include "support/measured_rows.hpp"
#include "vramcalc/catalog.hpp"
#include "vramcalc/weights.hpp"

using namespace vramcalc;
using namespace vramcalc::llama_cpp;
using namespace vramcalc::measured;

namespace {

std::string what(const PredictionRow& row) {
  const ContextParams& params = row.options.context;
  return row.model + " -c " + std::to_string(row.tokens) + " -np " + std::to_string(*params.parallel) +
         " -ub " + std::to_string(params.ubatch) + " n " + std::to_string(params.draft_tokens);
}

// ---- over several GPUs and the host

// Weights, cache and states, and the buffer, of each GPU and, last, of the host (without weights).
using Places = std::vector<std::array<std::uint64_t, 3>>;

// A row of tests/measured/prediction_layers_spread.tsv.
struct SpreadRow {
  std::string model, file_type;
  std::uint64_t tokens = 0;
  std::uint32_t slots = 0, unified = 0, drafted = 0, layers = 0;
  std::size_t gpus = 0;
  Places trunk, predictions;
};

Places read_places(std::istream& words, std::size_t gpus) {
  Places places(gpus + 1);
  for (auto& [weights, context, buffer] : places) words >> weights >> context >> buffer;
  return places;
}

std::vector<SpreadRow> spread_rows() {
  std::vector<SpreadRow> result;
  test::read_measured_rows("prediction_layers_spread.tsv", [&](std::istream& words) {
    SpreadRow row;
    words >> row.model >> row.file_type >> row.tokens >> row.slots >> row.unified >> row.drafted >>
        row.gpus >> row.layers;
    row.trunk = read_places(words, row.gpus);
    row.predictions = read_places(words, row.gpus);
    REQUIRE(words);
    result.push_back(std::move(row));
  });
  REQUIRE(!result.empty());
  return result;
}

llama_cpp::Options options_of(const SpreadRow& row) {
  llama_cpp::Options options;
  options.context.parallel = row.slots;
  options.context.kv_unified = row.unified != 0;
  options.context.flash_attention = FlashAttention::on;
  options.drafting.types = {Drafting::draft_mtp};
  options.drafting.draft_tokens = row.drafted;
  complete_drafting(options, false);
  return options;
}

Places by_place(const std::vector<PlaceEstimate>& estimate) {
  Places places;
  for (const PlaceEstimate& each : estimate) {
    const Bytes held = each.term(TermKind::kv_cache).best + each.term(TermKind::recurrent_state).best;
    const Bytes weights = each.place.is_host() ? Bytes(0) : each.term(TermKind::weights).best;
    places.push_back({weights.count(), held.count(), each.term(TermKind::compute_buffer).best.count()});
  }
  return places;
}

}  // namespace

TEST_CASE("the trunk's context keeps states and rows for the drafted tokens") {
  const Catalog catalog;
  REQUIRE(prediction_rows().size() >= 140);
  for (const PredictionRow& row : prediction_rows()) {
    INFO(what(row));
    CHECK(taken_by_one_gpu(catalog.model(row.model).architecture, row.options.context, row.tokens) ==
          row.trunk);
  }
}

TEST_CASE("the prediction layers have a context of their own") {
  const Catalog catalog;
  for (const PredictionRow& row : prediction_rows()) {
    INFO(what(row));
    CHECK(taken_by_one_gpu(catalog.model(row.model).architecture, params_of_predictions(row.options),
                           row.tokens) == row.predictions);
  }
}

TEST_CASE("prediction layers follow the last layers over several GPUs and the host") {
  const Catalog catalog;
  for (const SpreadRow& row : spread_rows()) {
    INFO(row.model << " -np " << row.slots << " over " << row.gpus << " GPUs -ngl " << row.layers);
    const Model model = catalog.model(row.model);
    const ClassifiedTensors tensors(model.architecture);
    const Weights weights = weights_of(tensors, catalog.file_type(row.file_type));
    const llama_cpp::Options options = options_of(row);
    llama_cpp::Placement placement;
    placement.free.assign(row.gpus, Bytes(32 * GiB));
    placement.layers = row.layers;
    const auto taken = [&](const ContextParams& params) {
      KnownPlacements known;
      return by_place(place(model.architecture, weights, params, row.tokens, placement, Reasons::none,
                            Buffers::all, known));
    };
    CHECK(taken(options.context) == row.trunk);
    Places predictions = taken(params_of_predictions(options));
    for (auto& [held, context, buffer] : predictions) held = 0;  // the trunk has them
    CHECK(predictions == row.predictions);
  }
}

TEST_CASE("prediction layers are loaded to draft with them") {
  const Catalog catalog;
  std::string before;
  for (const PredictionRow& row : prediction_rows()) {
    if (row.model == before) continue;
    before = row.model;
    INFO(row.model);
    const Model model = catalog.model(row.model);
    const ClassifiedTensors tensors(model.architecture);
    const Weights weights = weights_of(tensors, catalog.file_type(row.file_type));
    const WeightBytes loaded = weight_bytes(model.architecture, weights, true);
    CHECK(loaded.gpu == Bytes(row.weights));
    CHECK(loaded.host == Bytes(row.host_weights));
    CHECK(weight_bytes(model.architecture, weights, false).gpu < loaded.gpu);
  }
}
