#include <optional>

#include "catch.hpp"
#include "runtime/serving/vllm/kv_cache.hpp"
#include "support/vllm_settings.hpp"
#include "vramcalc/catalog.hpp"
#include "vramcalc/error.hpp"

// The KV caches of real starts follow from the memory that they logged (tests/measured/vllm_starts.tsv).
namespace vramcalc::vllm {
namespace {

using test::VllmStart;

std::optional<Architecture> architecture_of(const VllmStart& row) {
  static const Catalog catalog;
  try {
    return catalog.model(row.shape).architecture;
  } catch (const Error&) {
    return std::nullopt;  // a fine-tune whose shape the catalog does not have
  }
}

struct Start {
  VllmStart row;
  KvCache cache;
};

std::vector<Start> starts() {
  std::vector<Start> known;
  for (const VllmStart& row : test::vllm_starts())
    if (const auto architecture = architecture_of(row))
      known.push_back({row, kv_cache(*architecture, test::settings_of(row, *architecture))});
  return known;
}

// Logs print GiB with two decimals.
constexpr double rounding = 0.005;

TEST_CASE("tokens of logged starts follow from the available memory, to the block") {
  std::size_t rows = 0, exact = 0;
  for (const auto& [row, cache] : starts()) {
    if (!row.available_kv || !row.kv_tokens) continue;
    ++rows;
    const bool inside =
        cache.printed_tokens(test::bytes_of_gib(*row.available_kv - rounding)) <= *row.kv_tokens &&
        *row.kv_tokens <= cache.printed_tokens(test::bytes_of_gib(*row.available_kv + rounding));
    if (inside) ++exact;
    // Its log shows the memory of one rank, and the rank with the least decides.
    if (!inside) CHECK(row.model == "Qwen/Qwen3-235B-A22B-FP8");
  }
  CHECK(rows >= 38);
  CHECK(exact * 100 >= rows * 95);
}

TEST_CASE("maximum concurrency of logged starts, to the two decimals of the log") {
  std::size_t rows = 0;
  for (const auto& [row, cache] : starts()) {
    if (!row.available_kv || !row.concurrency || !row.max_model_len) continue;
    ++rows;
    INFO(row.model << " " << row.source);
    CHECK(cache.max_concurrency(test::bytes_of_gib(*row.available_kv - rounding), *row.max_model_len) <=
          *row.concurrency + rounding);
    CHECK(cache.max_concurrency(test::bytes_of_gib(*row.available_kv + rounding), *row.max_model_len) >=
          *row.concurrency - rounding);
  }
  CHECK(rows >= 35);
}

TEST_CASE("a cache that is known in blocks") {
  std::size_t rows = 0;
  for (const auto& [row, cache] : starts()) {
    if (!row.available_kv || !row.blocks) continue;
    ++rows;
    CHECK(cache.blocks(test::bytes_of_gib(*row.available_kv)) == *row.blocks);
  }
  CHECK(rows == 1);
}

}  // namespace
}  // namespace vramcalc::vllm
