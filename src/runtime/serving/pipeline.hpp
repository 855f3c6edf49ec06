#pragma once

#include <cstdint>

namespace vramcalc::serving {

// The pipeline stage that holds a layer of the trunk, with the remainder of an uneven split on the later
// stages but the last (vllm/distributed/utils.py, get_pp_indices). Layers after the trunk are on the last
// stage.
std::uint32_t stage_of_layer(std::uint32_t layer, std::uint32_t trunk_layers, std::uint32_t stages);

}  // namespace vramcalc::serving
