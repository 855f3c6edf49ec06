#pragma once

#include <cstddef>
#include <optional>

#include "vramcalc/weights.hpp"

namespace vramcalc {

struct Assignment {
  Weights weights;
  std::optional<std::size_t> needs_imatrix;  // the first tensor that is refused without an importance matrix
};

// The types by the rules. A missing importance matrix is only noted, not refused.
Assignment assign_types(const ClassifiedTensors& tensors, const FileType& file_type, QuantizerRelease release,
                        bool imatrix, bool requantize_native);

}  // namespace vramcalc
