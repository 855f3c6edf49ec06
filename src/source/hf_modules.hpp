#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "vramcalc/architecture.hpp"
#include "vramcalc/checkpoint.hpp"
#include "vramcalc/role.hpp"
#include "vramcalc/source.hpp"

// Tensors of a checkpoint by the module names of Hugging Face (transformers 4.57, models/*/modeling_*.py; the
// checkpoints' own code of DeepSeek, Kimi, MiniMax).
namespace vramcalc::source {

struct HfModule {
  TensorKind kind;          // Role::other if the name is unknown
  std::int32_t layer = -1;  // -1 outside the layers
  bool prediction = false;  // of a multi-token-prediction layer
  bool tower = false;       // of a vision or audio tower, or its projector
  bool scale = false;       // a scale, a zero point, an index or a table of a quantized matrix
  friend bool operator==(const HfModule&, const HfModule&) = default;
};

// `trunk_layers`: those from that number on predict several tokens.
HfModule hf_module(std::string_view tensor, std::int32_t trunk_layers);

// The tensors of headers, one part per layer and kind. Their bytes add up to those of the headers; values are
// counted as the shape has them where the name is known.
std::vector<CheckpointPart> parts_of_headers(const std::vector<CheckpointTensor>& tensors,
                                             const Architecture& architecture);

}  // namespace vramcalc::source
