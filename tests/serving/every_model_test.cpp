#include "catch.hpp"
#include "runtime/serving/vllm/kv_cache.hpp"
#include "vramcalc/catalog.hpp"
#include "vramcalc/error.hpp"

// What holds for the cache of any model.
namespace vramcalc::vllm {
namespace {

std::vector<Model> models() {
  const Catalog catalog;
  std::vector<Model> known;
  for (const ModelRow* row : catalog.models()) {
    try {
      known.push_back(catalog.model(row->id));
    } catch (const Error& error) {
      CHECK(error.code() == ErrorCode::unsupported);
    }
  }
  return known;
}

Settings server(const Architecture& architecture) {
  Settings settings;
  settings.release = newest_read;
  settings.max_model_len = architecture.context_length;
  settings.max_num_batched_tokens = 8192;
  settings.capability = 90;
  return settings;
}

bool has_a_reason_against(const Architecture& architecture) {
  const auto crosses = [](const Block& block) {
    return std::holds_alternative<CrossAttention>(block.attention);
  };
  return !architecture.causal || std::any_of(architecture.blocks.begin(), architecture.blocks.end(), crosses);
}

TEST_CASE("every model of the catalog has a cache, or a reason why not") {
  for (const Model& model : models()) {
    INFO(model.id);
    const Settings settings = server(model.architecture);
    if (has_a_reason_against(model.architecture)) {
      CHECK_THROWS_AS(kv_cache(model.architecture, settings), Error);
      continue;
    }
    const KvCache cache = kv_cache(model.architecture, settings);
    CHECK(cache.bytes_per_block.size() == 1);
    CHECK(cache.blocks(Bytes(100 * GiB)) > 0);
    CHECK(cache.block_size() > 0);
  }
}

TEST_CASE("the longest request fits, and one token more does not") {
  for (const Model& model : models()) {
    if (has_a_reason_against(model.architecture)) continue;
    INFO(model.id);
    const KvCache cache = kv_cache(model.architecture, server(model.architecture));
    for (const std::uint64_t available : {GiB / 4, GiB, 4 * GiB, 16 * GiB}) {
      const std::uint64_t longest = cache.longest(Bytes(available), cache.max_model_len);
      if (longest > 0) CHECK(cache.needed(longest) <= Bytes(available));
      if (longest < cache.max_model_len) CHECK(cache.needed(longest + 1) > Bytes(available));
    }
  }
}

TEST_CASE("the memory that one request needs gives a concurrency of one") {
  for (const Model& model : models()) {
    if (has_a_reason_against(model.architecture)) continue;
    INFO(model.id);
    const KvCache cache = kv_cache(model.architecture, server(model.architecture));
    const Bytes needed = cache.needed(cache.max_model_len);
    CHECK(cache.max_concurrency(needed, cache.max_model_len) >= 1);
    CHECK(cache.sequences(needed * 3, cache.max_model_len) >= 3);
  }
}

TEST_CASE("two pipeline stages hold what one holds") {
  for (const Model& model : models()) {
    if (has_a_reason_against(model.architecture)) continue;
    Settings settings = server(model.architecture);
    const KvCache whole = kv_cache(model.architecture, settings);
    settings.parallel.pipeline = 2;
    INFO(model.id);
    try {
      const KvCache halves = kv_cache(model.architecture, settings);
      REQUIRE(halves.groups.size() == whole.groups.size());
      for (std::size_t i = 0; i < whole.groups.size(); ++i)
        CHECK(halves.groups[i].bytes_of_stage[0] + halves.groups[i].bytes_of_stage[1] ==
              whole.groups[i].bytes_of_stage[0]);
    } catch (const Error& error) {
      CHECK(model.architecture.model_type == "deepseek_v4");
    }
  }
}

}  // namespace
}  // namespace vramcalc::vllm
