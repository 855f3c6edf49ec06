#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "vramcalc/catalog.hpp"

// How far the estimates are from what the runtimes did: the table in docs/accuracy.md, from tests/measured/.
namespace vramcalc::accuracy {

struct Pair {
  std::uint64_t estimated = 0;
  std::uint64_t measured = 0;
  std::uint64_t low = estimated, high = estimated;  // the interval, if there is one
  std::uint64_t whole = measured;                   // of which the error and the width are a share
};

struct Quantity {
  std::string name;  // "KV cache and recurrent state"
  std::vector<Pair> cases;
};

std::vector<Quantity> quantities();
std::vector<Quantity> serving_quantities(const Catalog& catalog);  // of vLLM, SGLang and checkpoints

// A Markdown table: cases, share exact, median, 95th percentile and worst relative error, share inside the
// interval, and its average width.
std::string table_of(const std::vector<Quantity>& quantities);

}  // namespace vramcalc::accuracy
