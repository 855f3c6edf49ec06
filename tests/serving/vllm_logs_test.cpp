#include <fmt/format.h>

#include <optional>

#include "catch.hpp"
#include "runtime/serving/vllm/kv_cache.hpp"
#include "support/vllm_settings.hpp"
#include "vramcalc/catalog.hpp"
#include "vramcalc/error.hpp"

// The KV caches of real starts, from the memory that they logged (tests/measured/vllm_starts.tsv).
namespace vramcalc::vllm {
namespace {

using test::VllmStart;

std::optional<Architecture> architecture_of(const VllmStart& row) {
  static const Catalog catalog;
  try {
    return catalog.model(row.shape).architecture;
  } catch (const Error&) {
    return std::nullopt;
  }
}

Bytes gib(double value) { return Bytes(static_cast<std::uint64_t>(value * static_cast<double>(GiB))); }

TEST_CASE("tokens and concurrency of logged starts follow from the available memory") {
  std::size_t rows = 0, exact = 0;
  for (const VllmStart& row : test::vllm_starts()) {
    if (!row.available_kv || !row.kv_tokens) continue;
    const auto architecture = architecture_of(row);
    if (!architecture) {
      fmt::print("no shape {}\n", row.shape);
      continue;
    }
    const KvCache cache = kv_cache(*architecture, test::settings_of(row, *architecture));
    const auto low = cache.printed_tokens(gib(*row.available_kv - 0.005));
    const auto mid = cache.printed_tokens(gib(*row.available_kv));
    const auto high = cache.printed_tokens(gib(*row.available_kv + 0.005));
    const bool ok = low <= *row.kv_tokens && *row.kv_tokens <= high;
    ++rows;
    exact += ok;
    const double conc = cache.max_concurrency(gib(*row.available_kv), cache.max_model_len);
    fmt::print("{} {:<40} {} {} .. {} .. {}  conc {} {:.2f} block {}\n", ok ? "ok " : "BAD", row.model, *row.kv_tokens,
               low, mid, high, row.concurrency.value_or(0), conc, cache.block_size());
  }
  fmt::print("{} of {}\n", exact, rows);
}

}  // namespace
}  // namespace vramcalc::vllm
