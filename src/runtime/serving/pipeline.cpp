#include "runtime/serving/pipeline.hpp"

namespace vramcalc::serving {

std::uint32_t stage_of_layer(std::uint32_t layer, std::uint32_t trunk_layers, std::uint32_t stages) {
  const std::uint32_t each = trunk_layers / stages;
  const std::uint32_t remainder = trunk_layers % stages;
  std::uint32_t end = 0;
  for (std::uint32_t stage = 0; stage + 1 < stages; ++stage) {
    const std::uint32_t from_the_end = stages - stage;  // 2 for the last but one
    end += each + (from_the_end >= 2 && from_the_end < remainder + 2 ? 1 : 0);
    if (layer < end) return stage;
  }
  return stages - 1;
}

}  // namespace vramcalc::serving
