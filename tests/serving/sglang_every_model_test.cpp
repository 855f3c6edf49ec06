#include "catch.hpp"
#include "runtime/serving/sglang/capacity.hpp"
#include "runtime/serving/sglang/loaded_weights.hpp"
#include "vramcalc/catalog.hpp"
#include "vramcalc/error.hpp"

namespace vramcalc::sglang {
namespace {

TargetDevice h200() {
  TargetDevice device;
  device.total = device.driver_total = Bytes(143'771 * MiB);
  device.capability = 90;
  return device;
}

// Variants have the shapes of their bases.
std::vector<Model> models() {
  const Catalog catalog;
  std::vector<Model> known;
  for (const ModelRow* row : catalog.models()) {
    try {
      Model model = catalog.model(row->id);
      if (model.variant_of.empty()) known.push_back(std::move(model));
    } catch (const Error& error) {
      CHECK(error.code() == ErrorCode::unsupported);
    }
  }
  return known;
}

// The settings of a model on so many GPUs; empty if they do not divide its heads.
std::optional<Settings> settings_on(const Architecture& architecture, std::uint32_t gpus) {
  try {
    return resolve({}, architecture, h200(), std::max(1u, architecture.context_length), gpus);
  } catch (const Error&) {
    return std::nullopt;
  }
}

TEST_CASE("SGLang's pools of every model stay within their bytes") {
  std::size_t tried = 0;
  for (const Model& model : models()) {
    const Architecture& architecture = model.architecture;
    for (const std::uint32_t gpus : {1u, 8u}) {
      const auto settings = settings_on(architecture, gpus);
      if (!settings) continue;
      INFO(model.id << " on " << gpus);
      const KvPools pools = kv_pools(*settings, architecture);
      CHECK((pools.cell_size > 0 || pools.state_slot.count() > 0) == architecture.causal);
      const Bytes available(40 * GiB);
      const PoolSizes sizes = pool_sizes(pools, *settings, available);
      if (architecture.causal) {
        REQUIRE(sizes.tokens > 0);
        CHECK(sizes.max_running_requests > 0);
        CHECK(longest_request(sizes, *settings) > 0);
      }
      const double padding =
          settings->page_size * (pools.cell_size + static_cast<double>(pools.swa_bytes_per_token.count()));
      CHECK(static_cast<double>((sizes.cache + sizes.states).count()) <=
            static_cast<double>(available.count()) + padding);
      ++tried;
    }
  }
  CHECK(tried > 300);
}

// Some checkpoints have a second copy of a tied head, which is not loaded.
TEST_CASE("A rank of SGLang loads its share of every model") {
  for (const Model& model : models()) {
    const auto settings = settings_on(model.architecture, 8);
    if (!settings) continue;
    INFO(model.id);
    const std::vector<CheckpointPart> parts = checkpoint_parts(model.architecture, Packing{});
    Bytes all;
    for (const CheckpointPart& part : parts)
      if (!part.prediction) all += part.bytes;
    const LoadedWeights weights = loaded_weights(parts, model.architecture, *settings);
    CHECK(weights.target.low.count() >= all.count() / 8 / 100 * 85);
    CHECK(weights.target.low <= weights.target.best);
    CHECK(weights.target.best <= weights.target.high);
  }
}

}  // namespace
}  // namespace vramcalc::sglang
