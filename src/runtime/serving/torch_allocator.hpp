#pragma once

#include "vramcalc/bytes.hpp"

namespace vramcalc::serving {

// What torch.cuda.memory_allocated counts for one tensor (PyTorch, c10/cuda/CUDACachingAllocator.cpp). From
// 10 MiB on a tensor gets memory of its own in steps of 2 MiB, and a rest of at most 1 MiB is not given to
// others; smaller tensors are rounded up to 512 bytes.
constexpr Bytes allocated_by_torch(Bytes tensor) {
  constexpr Bytes own_memory{10 * MiB}, smallest_rest{MiB};
  const Bytes block = round_up(tensor, 512);
  if (block < own_memory) return block;
  const Bytes segment = round_up(block, 2 * MiB);
  return segment - block <= smallest_rest ? segment : block;
}

}  // namespace vramcalc::serving
