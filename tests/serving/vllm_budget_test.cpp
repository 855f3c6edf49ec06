#include "runtime/serving/vllm/budget.hpp"

#include <cstdio>

#include "catch.hpp"
#include "serving/vllm_pairs.hpp"

using namespace vramcalc;
using test::Pair;

TEST_CASE("show") {
  const Catalog catalog;
  for (const Pair& p : test::weights_pairs(catalog))
    std::printf("W %-60s %8.3f %8.3f %8.3f | %8.3f  %+.2f%% %s\n", p.name.c_str(), p.low, p.estimate, p.high, p.measured,
                100 * p.relative_error(), p.holds() ? "" : "OUT");
  for (const Pair& p : test::available_kv_pairs(catalog))
    std::printf("K %-60s %8.3f %8.3f %8.3f | %8.3f  w %.1f%% %s\n", p.name.c_str(), p.low, p.estimate, p.high, p.measured,
                100 * (p.high - p.low) / p.device, p.holds() ? "" : "OUT");
}
