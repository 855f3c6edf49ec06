#include <algorithm>

#include "catch.hpp"
#include "runtime/serving/vllm/kv_cache.hpp"
#include "serving/vllm_pairs.hpp"
#include "support/vllm_settings.hpp"

// The KV caches of real starts follow from the memory that they logged (tests/measured/vllm_starts.tsv).
namespace vramcalc::vllm {
namespace {

using test::Pair;

const Catalog& catalog() {
  static const Catalog all;
  return all;
}

TEST_CASE("tokens of logged starts follow from the available memory, to the block") {
  const std::vector<Pair> pairs = test::token_pairs(catalog());
  CHECK(pairs.size() == 61);
  for (const Pair& pair : pairs) {
    INFO(pair.name << ": " << pair.low << " … " << pair.high << " tokens, logged " << pair.measured);
    // Its log shows the memory of one rank, and the rank with the least decides.
    if (!pair.holds()) CHECK(pair.name == "v0.9.2-0.10 Qwen/Qwen3-235B-A22B-FP8 tp 4");
  }
  CHECK(std::ranges::count_if(pairs, &Pair::holds) >= 60);
}

TEST_CASE("maximum concurrency of logged starts, to the two decimals of the log") {
  const std::vector<Pair> pairs = test::concurrency_pairs(catalog());
  CHECK(pairs.size() == 58);
  for (const Pair& pair : pairs) {
    INFO(pair.name << ": " << pair.low << " … " << pair.high << ", logged " << pair.measured);
    CHECK(pair.holds());
  }
}

TEST_CASE("the number of blocks") {
  std::size_t rows = 0;
  for (const test::VllmStart& start : test::vllm_starts()) {
    if (!start.available_kv || !start.blocks) continue;
    ++rows;
    INFO(start.model);
    const Architecture architecture = catalog().model(start.shape).architecture;
    const KvCache cache = kv_cache(architecture, test::settings_of(start, architecture));
    CHECK(cache.blocks(test::bytes_of_gib(*start.available_kv - test::rounding)) <= *start.blocks);
    CHECK(cache.blocks(test::bytes_of_gib(*start.available_kv + test::rounding)) >= *start.blocks);
  }
  CHECK(rows == 4);
}

}  // namespace
}  // namespace vramcalc::vllm
