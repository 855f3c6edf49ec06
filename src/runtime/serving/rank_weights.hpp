#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "vramcalc/architecture.hpp"
#include "vramcalc/bytes.hpp"
#include "vramcalc/checkpoint.hpp"
#include "vramcalc/serving/parallel.hpp"

// The bytes of a checkpoint that one rank of each pipeline stage loads, which is the same for all ranks of a
// stage.
namespace vramcalc::serving {

struct LoadedParts {
  bool prediction_layers = false;  // for speculative decoding
  bool towers = true;              // vision and audio
  bool whole_towers = false;       // on every rank, instead of a slice of each tower
  friend bool operator==(const LoadedParts&, const LoadedParts&) = default;
};

struct StageWeights {
  Bytes total = {};
  Bytes experts = {};  // the part of it in routed experts
  Bytes towers = {};
  Bytes rounding = {};  // in addition: what PyTorch's allocator adds to large tensors
  std::uint32_t layers = 0;
  friend bool operator==(const StageWeights&, const StageWeights&) = default;
};

// The layers of each stage: as many for all, and one more for as many stages as there are left-over layers,
// counted back from the second last (vllm/distributed/utils.py, get_pp_indices).
std::vector<std::uint32_t> layers_of_stages(std::uint32_t layers, std::uint32_t stages);

// The trunk's layers, without those for multi-token prediction.
std::uint32_t trunk_layers(const Architecture& architecture);

std::vector<StageWeights> rank_weights(std::span<const CheckpointPart> parts,
                                       const Architecture& architecture, const Parallel& parallel,
                                       const LoadedParts& loaded = {});

// The stage with the most bytes.
const StageWeights& largest(std::span<const StageWeights> stages);

}  // namespace vramcalc::serving
