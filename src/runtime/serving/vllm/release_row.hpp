#pragma once

#include <cstddef>

#include "vramcalc/vllm/options.hpp"

namespace vramcalc::vllm {

// Of a table in the order of its rows' `since`: the last row that is not newer than the release, or the
// first.
template <class Rows>
constexpr const auto& row_for(const Rows& rows, const Release& release) {
  std::size_t found = 0;
  for (std::size_t i = 1; i < rows.size(); ++i)
    if (rows[i].since <= release) found = i;
  return rows[found];
}

}  // namespace vramcalc::vllm
