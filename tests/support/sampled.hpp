#pragma once

#include <algorithm>
#include <cstddef>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "vramcalc/catalog.hpp"

// Sanitizers look for memory errors and undefined behavior, not for wrong figures, and a test that repeats
// one rule for thousands of rows takes ten times as long under them. There it takes some of the rows, the
// same every time; every other build takes all.
namespace vramcalc::test {

#ifdef VRAMCALC_SANITIZED
inline constexpr std::size_t one_in = 8;
#else
inline constexpr std::size_t one_in = 1;
#endif

// Of so many rows or tries, those that take part.
constexpr std::size_t sampled(std::size_t count) { return (count + one_in - 1) / one_in; }

// Every eighth, or all. `whose` is what the rows belong to: for another model, other rows take part.
template <class Row>
std::vector<Row> sampled(std::vector<Row> rows, std::string_view whose = {}) {
  if (one_in == 1 || rows.empty()) return rows;
  std::size_t first = 0;
  for (const char c : whose) first += static_cast<unsigned char>(c);
  std::vector<Row> result;
  for (std::size_t i = first % std::min(one_in, rows.size()); i < rows.size(); i += one_in)
    result.push_back(std::move(rows[i]));
  return result;
}

// The models with figures: one of each architecture and one of its quantized variants, or all.
inline std::vector<const ModelRow*> sampled_models(const Catalog& catalog) {
  std::vector<const ModelRow*> result;
  std::set<std::pair<std::string_view, bool>> seen;
  for (const ModelRow* row : catalog.models()) {
    const bool is_new = seen.emplace(row->architecture_class, row->variant_of.empty()).second;
    if (row->incomplete.empty() && (is_new || one_in == 1)) result.push_back(row);
  }
  return result;
}

}  // namespace vramcalc::test
