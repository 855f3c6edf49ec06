#pragma once

#include <span>
#include <vector>

#include "runtime/serving/vllm/settings.hpp"
#include "vramcalc/checkpoint.hpp"
#include "vramcalc/estimate.hpp"

// What "Model loading took" counts: a rank's part of the checkpoint and what vLLM allocates with it.
namespace vramcalc::vllm {

struct Loading {
  std::span<const CheckpointPart> parts;
  const Architecture& architecture;
  const Settings& settings;
  const Options& options;
  const TargetDevice& device;
  Bytes draft_model;  // per rank: the weights of a separate model for speculative decoding
};

// One rank of a pipeline stage.
struct LoadedStage {
  Bytes tensors;      // of the checkpoint
  Bytes rounding;     // of PyTorch's allocator
  Bytes rope_tables;  // cosines and sines of all positions
  Bytes buffers;      // of a vision model's features (Qwen3-VL)
  Bytes padding;      // of the experts, for a kernel (gpt-oss)
  Bytes dequantized;  // projections of latent attention, in addition to the packed ones
  Bytes lora;         // slots for adapters
  Bytes draft_model;
  Bytes offloaded;  // to host memory, and not in the total
  Amount total;
  friend bool operator==(const LoadedStage&, const LoadedStage&) = default;
};

std::vector<LoadedStage> loaded_weights(const Loading& load);

// The parts with the bytes that they have once they are loaded.
std::vector<CheckpointPart> parts_as_loaded(std::span<const CheckpointPart> parts, const Options& options);

// What at least is loaded of that many bytes of a checkpoint's parts.
Bytes least_of(Bytes loaded);

// The stage with the most bytes.
const LoadedStage& largest(std::span<const LoadedStage> stages);

// On every rank, with 16 bits per value.
Bytes rope_tables(const Architecture& architecture);

}  // namespace vramcalc::vllm
