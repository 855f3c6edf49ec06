#include "vramcalc/llama_cpp/placement.hpp"

#include "catch.hpp"
#include "runtime/llama_cpp/placed.hpp"
#include "runtime/placed.hpp"
#include "support/measured_shape.hpp"
#include "support/sampled.hpp"
#include "vramcalc/error.hpp"

using namespace vramcalc;
using namespace vramcalc::llama_cpp;

// -ngl, -ncmoe, --no-kv-offload, and zero to four GPUs.
TEST_CASE("weights and caches are where llama.cpp puts them, to the byte") {
  const Catalog catalog;
  std::size_t compared = 0;
  for (const std::string& name : measured::models()) {
    const Model model = test::measured_model(catalog, name);
    const ClassifiedTensors tensors(model.architecture);
    const Weights weights = weights_of(tensors, catalog.file_type(measured::file_type(name)));
    for (const measured::Case& c : test::sampled(measured::cases(name), name)) {
      if (c.buffers.empty() || c.number("mtp", 0) != 0) continue;
      auto ours = measured::derived_sizes(model, weights, c);
      const auto theirs = measured::allocated_sizes(c);
      INFO(name << " " << c.name);
      if (measured::maps_host_weights(c)) {
        CHECK(ours.back().weights <= theirs.back().weights);
        ours.back().weights = theirs.back().weights;
      }
      CHECK(ours == theirs);
      ++compared;
    }
  }
  CHECK(compared > test::sampled(3500));
}

namespace {

struct Placed {
  Catalog catalog;
  Model model;
  ClassifiedTensors tensors;
  Weights weights;
  explicit Placed(const char* name)
      : model(catalog.model(name)),
        tensors(model.architecture),
        weights(weights_of(tensors, catalog.file_type("Q4_K_M"))) {}

  std::vector<PlaceEstimate> under(const llama_cpp::Placement& placement) const {
    KnownPlacements known;
    return place(model.architecture, weights, {}, 4096, placement, Reasons::none, Buffers::all, known);
  }
};

llama_cpp::Placement gpus(std::initializer_list<std::uint64_t> gib) {
  llama_cpp::Placement placement;
  for (const std::uint64_t each : gib) placement.free.push_back(Bytes(each * GiB));
  return placement;
}

TensorOverride named(const char* pattern, Place place) {
  return {TensorOverride::Part::named, {}, pattern, place};
}

}  // namespace

TEST_CASE("a pattern moves the same tensors as the corresponding flag") {
  const Placed model("qwen3-30b-a3b");
  llama_cpp::Placement flag = gpus({24, 24}), pattern = flag;
  struct Row {
    std::vector<TensorOverride> flag;
    const char* pattern;
  };
  using Part = TensorOverride::Part;
  const Row rows[] = {
      {{experts_on_host()},                               R"(\.ffn_(up|down|gate_up|gate)_(ch|)exps)"          },
      {experts_on_host(3),                                R"(blk\.[0-2]\.ffn_(up|down|gate_up|gate)_(ch|)exps)"},
      {{{Part::feed_forward, 7, ""}},                     R"(blk\.7\.ffn_(gate|up|gate_up|down).*)"            },
      {{{Part::feed_forward_but_up, 7, ""}},              R"(blk\.7\.ffn_(gate|gate_up|down).*)"               },
      {{{Part::feed_forward_down, 7, "", Place::gpu(1)}}, R"(blk\.7\.ffn_down.*)"                              },
  };
  for (const Row& row : rows) {
    flag.overrides = row.flag;
    pattern.overrides = {named(row.pattern, row.flag[0].place)};
    CAPTURE(row.pattern);
    CHECK(model.under(flag) == model.under(pattern));
    CHECK(model.under(flag) != model.under(gpus({24, 24})));
    if (row.flag.size() == 1) CHECK(pattern_of(row.flag[0]) == row.pattern);
  }
}

TEST_CASE("moved tensors are counted exactly once") {
  const Placed model("qwen3-30b-a3b");
  const auto sum_of_weights = [](const std::vector<PlaceEstimate>& devices) {
    Bytes sum;
    for (const PlaceEstimate& device : devices)
      for (const Term& term : device.terms)
        if (term.kind == TermKind::weights) sum += term.amount.best;
    return sum;
  };
  const Bytes all = sum_of_weights(model.under(gpus({24})));
  for (const TensorOverride& moved :
       {named("attn", Place::gpu(1)), named("output", Place::host()), named("token_embd", Place::gpu(0))}) {
    llama_cpp::Placement placement = gpus({24, 8});
    placement.overrides = {moved};
    CAPTURE(moved.pattern);
    CHECK(sum_of_weights(model.under(placement)) == all);
  }
}

TEST_CASE("the first matching override counts") {
  const Placed model("qwen3-30b-a3b");
  llama_cpp::Placement first = gpus({24, 24}), both = first;
  first.overrides = {named("ffn_up_exps", Place::host())};
  both.overrides = {named("ffn_up_exps", Place::host()), named("ffn_up_exps", Place::gpu(1))};
  CHECK(model.under(first) == model.under(both));
}

TEST_CASE("invalid overrides are refused") {
  const Placed model("qwen3-0.6b");
  for (const TensorOverride& bad : {named("ffn_(", Place::host()), named("ffn", Place::gpu(2))}) {
    llama_cpp::Placement placement = gpus({24, 24});
    placement.overrides = {bad};
    CHECK_THROWS_AS(model.under(placement), Error);
  }
}
