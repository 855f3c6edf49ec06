#pragma once

#include "vramcalc/runtime.hpp"

// Runtimes by short rules: a checkpoint's weights, the cache of their documented layout, and intervals for
// what they compute with. Nothing of theirs was measured here, so no figure is called exact.

namespace vramcalc::transformers {

// Hugging Face transformers 4.57 and 5 with accelerate: generate() with the default DynamicCache.
Runtime runtime();

}  // namespace vramcalc::transformers

namespace vramcalc::mlx_lm {

// MLX-LM (August 2026) on Apple silicon.
Runtime runtime();

}  // namespace vramcalc::mlx_lm

namespace vramcalc::tensorrt_llm {

// TensorRT-LLM's PyTorch backend (2026): trtllm-serve.
Runtime runtime();

}  // namespace vramcalc::tensorrt_llm
