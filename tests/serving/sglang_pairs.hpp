#pragma once

#include <vector>

#include "runtime/serving/sglang/kv_pools.hpp"
#include "support/sglang_starts.hpp"
#include "vramcalc/catalog.hpp"

// Estimates for the starts of tests/measured/sglang_starts.tsv, with what they logged.
namespace vramcalc::test {

// The pools of a start whose shape the catalog has, with the tokens that it logged.
struct SglangPools {
  SglangStart start;
  sglang::KvPools pools;
  sglang::PoolSizes sizes;
};
std::vector<SglangPools> sglang_pools(const Catalog& catalog);

}  // namespace vramcalc::test
