#pragma once

#include <cstddef>

#include "vramcalc/vllm/options.hpp"

namespace vramcalc::vllm {

// Of a table in the order of its rows' `since`: the last row that is not newer than the release, or the
// first.
template <class Rows>
constexpr const auto& row_for(const Rows& rows, const Release& release) {
  std::size_t row = rows.size() - 1;
  while (row > 0 && rows[row].since > release) --row;
  return rows[row];
}

}  // namespace vramcalc::vllm
